"""Answers from raw text, without a server."""
