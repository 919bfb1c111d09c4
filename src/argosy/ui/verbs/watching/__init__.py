"""What a service that watches itself shows at the terminal."""
