"""Read, clean, dedupe and split rows: pure functions."""
