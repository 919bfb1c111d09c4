"""What becomes of a model that serves: where it came from, and how one version is held against another."""
