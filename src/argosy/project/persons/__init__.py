"""What a project holds of a person, handed out and erased everywhere at once."""
