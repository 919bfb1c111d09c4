"""The project file ``argosy.toml``: every key with its meaning, read and checked; and where things lie beside it."""
