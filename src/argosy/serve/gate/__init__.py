"""The way in: who asks, within which limits, and what is reserved and charged."""
