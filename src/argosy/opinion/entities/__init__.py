"""Entities: who is named in a text, and what is felt about each."""
