"""Who owns what: rounds, SAFEs, notes, pools, loans, and what each gets at an exit."""
