"""Surges: counts that rise beyond their season, with a stated rate of false alarms."""
