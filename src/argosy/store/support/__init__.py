"""Conversations, the queue for people, corrections, and the knowledge with its vectors."""
