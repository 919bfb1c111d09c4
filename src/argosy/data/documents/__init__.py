"""Documents of every form as text, with the pieces that can be quoted and their places."""
