"""An opinion monitor that runs, put together: it listens, counts, looks for surges, and tells people."""
