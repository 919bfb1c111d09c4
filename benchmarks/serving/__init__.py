"""The service under load and under attack."""
