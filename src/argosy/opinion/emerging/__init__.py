"""Topics that emerge: groups of texts that no trained topic holds, with names that people can read."""
