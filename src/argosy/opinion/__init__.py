"""The opinion monitor at work: where posts come from, what they say of whom, which of them are one story."""
