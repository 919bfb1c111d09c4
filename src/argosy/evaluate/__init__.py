"""Metrics of every task with intervals; baselines, paired tests, calibration, the selection rule, the gates; no torch."""
