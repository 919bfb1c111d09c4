"""The version of Argosy."""

__version__ = "0.1.0"
