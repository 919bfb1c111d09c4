"""Metrics of every task with intervals; baselines, paired tests, calibration, frontiers, selection, gates; no torch."""
