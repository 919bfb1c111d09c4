"""The venture composed: its file, the measured runs behind its figures, its outputs."""
