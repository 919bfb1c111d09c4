"""Engines, tokenizers and batches for answering; no torch outside the torch engine."""
