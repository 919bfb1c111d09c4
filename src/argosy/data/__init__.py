"""Functions on rows: read, redact, clean, dedupe, find near-duplicates, split, profile, perturb, check, write."""
