"""What is claimed of the public-opinion monitor, and the scripts that measure it."""
