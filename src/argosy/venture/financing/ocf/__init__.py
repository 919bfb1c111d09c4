"""Cap tables in the Open Cap Format (OCF 1.2), the exchange format of the Open Cap Table Coalition."""
