"""How a recommender is tested honestly: cut by time, all items ranked, by user; and what a careless test claims."""
