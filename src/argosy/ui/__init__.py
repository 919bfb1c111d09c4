"""The command line and the pages: the only place that prints."""
