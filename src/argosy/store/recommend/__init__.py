"""What a recommender keeps: items, events, lists that were shown, in the order in which every process follows them."""
