"""Smaller models of one classifier: made, judged, and picked from."""
