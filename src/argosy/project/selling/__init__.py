"""A service that sells, put together: the only place where the store meets the service."""
