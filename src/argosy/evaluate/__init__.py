"""Metrics of every task with intervals; baselines, paired tests, calibration, selection, frontiers, the gates; no torch."""
