"""Every task's metrics."""
