"""The plan's lines as expressions: reckoned in decimals, drawn in samples, written as a spreadsheet's formulas."""
