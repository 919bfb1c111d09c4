"""The next version: rows gathered, a challenger trained and judged, handed to the canary, traced back."""
