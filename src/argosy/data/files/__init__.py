"""From a file's bytes to a table's cells, whatever its form."""
