"""What a message asks: its questions, intents, slots, mood, and what it refers to."""
