"""What can be learnt: one small module an objective, and what they share."""
