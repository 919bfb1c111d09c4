"""Counts that are right: shares corrected for the known errors of what counts, with intervals."""
