"""Tenants and keys, who has signed in, and the audit log."""
