"""What may go wrong: a register, a network of causes, and what mitigations change."""
