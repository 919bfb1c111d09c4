"""Answers conversations with what is stored and what documents say; nothing is made up."""
