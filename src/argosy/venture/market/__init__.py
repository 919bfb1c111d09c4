"""What customers say, need and buy: needs, segments, positions, sizes."""
