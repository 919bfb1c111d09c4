"""Pages for people, in their language."""
