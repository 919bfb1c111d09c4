"""The processes and connections of the service, and how both are watched."""
