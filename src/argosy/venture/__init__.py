"""The venture: where to go, what it costs, whether it pays. Arithmetic over figures that say where they come from."""
