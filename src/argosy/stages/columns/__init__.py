"""The stages of models over columns of numbers."""
