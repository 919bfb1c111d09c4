"""A project as a whole: its build, its kills, its command."""
