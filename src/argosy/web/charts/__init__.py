"""Charts as inline SVG: pure functions from numbers and words to a drawing that holds its data, see chart.Chart."""
