"""What is claimed of the recommender, and the scripts that measure it."""
