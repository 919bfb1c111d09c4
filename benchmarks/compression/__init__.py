"""What smaller models gain, and what it costs."""
