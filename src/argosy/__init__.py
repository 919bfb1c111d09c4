"""From your own text to a model product that is measured, served and sold."""

__version__ = "0.1.0"
