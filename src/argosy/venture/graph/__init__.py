"""The plan's lines as expressions: one tree is reckoned in decimals, drawn in samples, and written as a spreadsheet's formula."""
