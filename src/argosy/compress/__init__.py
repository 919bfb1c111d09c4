"""Trim the vocabulary, export, quantise, prune."""
