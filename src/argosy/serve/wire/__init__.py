"""What goes over the wire: bodies of requests and answers, and what is checked before any work."""
