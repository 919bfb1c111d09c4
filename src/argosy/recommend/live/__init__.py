"""What answers in milliseconds: a state in memory that follows the log, and lists with chances that are known."""
