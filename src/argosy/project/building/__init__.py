"""Builds: which stages stand, which run, and what is made of the results."""
