"""What a venture earns, spends and owns month by month, as lines of the graph."""
