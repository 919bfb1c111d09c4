"""The verbs of the venture: what it plans, and whether it pays."""
