"""The tables of the HTML report: their cells in words, by what they tell of."""
