"""The stages of a support assistant."""
