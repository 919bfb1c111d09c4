"""How fast models learn, and what they keep."""
