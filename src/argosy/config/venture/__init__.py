"""The tables of ``venture.toml``."""
