"""Metrics with intervals, baselines, paired tests and gates."""
