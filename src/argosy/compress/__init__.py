"""Trim the vocabulary, export and quantise."""
