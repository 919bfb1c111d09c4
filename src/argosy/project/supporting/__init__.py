"""An assistant that serves, put together: its knowledge, its log, its queue, its numbers."""
