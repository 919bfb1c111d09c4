"""What the live service did, month by month, beside what was planned."""
