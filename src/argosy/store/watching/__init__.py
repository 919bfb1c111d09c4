"""Counts of traffic, alarms with what is sent of them, texts to label, and experiments."""
