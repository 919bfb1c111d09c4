"""The command line and the report page: the only room that prints."""
