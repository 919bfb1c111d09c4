"""Benchmarks of the venture: what is mined, reckoned and predicted against what is known to be true."""
