"""The stages of a language model."""
