"""What is claimed of the support assistant, and the scripts that measure it."""
