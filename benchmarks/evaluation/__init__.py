"""Whether what is said of models holds."""
