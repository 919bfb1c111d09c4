"""What the service counts while it answers, written down off the request path."""
