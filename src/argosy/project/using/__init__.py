"""A finished model at work: in a program, over a file, at the edge."""
