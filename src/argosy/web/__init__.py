"""The design of every page: one frame, one set of parts, one policy; it knows nothing of what is shown."""
