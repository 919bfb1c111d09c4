"""The verbs of the opinion monitor."""
