"""The stages of a classifier of texts."""
