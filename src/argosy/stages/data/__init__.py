"""From the files to the split: the stages of rows, and the rows that flow between all stages."""
