"""What an opinion monitor keeps: posts, stories, counts and offsets; texts as Parquet, read by DuckDB."""
