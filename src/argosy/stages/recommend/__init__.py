"""The stages of a recommender: its items and events, tuned baselines, the text model, the ranker, their worth."""
