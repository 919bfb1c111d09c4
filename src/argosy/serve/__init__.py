"""The HTTP service; never torch."""
