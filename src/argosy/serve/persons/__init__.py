"""Whom requests are about, and what is kept of them."""
