"""The page of a studied market: its words, its charts, and one file of HTML that needs nothing else."""
