"""Which version of a model answers, and how one takes the place of another."""
