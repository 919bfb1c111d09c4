"""From a request that was let in to its answer."""
