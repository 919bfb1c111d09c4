"""What the care of rows finds, and costs."""
