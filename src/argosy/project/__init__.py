"""The project file, the plan and the run: the only composition root."""
