"""Watching a service, and making its model better."""
