"""What a model must beat: baselines, simple to complex."""
