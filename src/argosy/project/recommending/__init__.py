"""A recommender that runs, put together: it hears events, ranks, explores, and forgets whom it is told to."""
