"""What investors ask for: a workbook of live formulas, a plan, slides, and the board of live figures."""
