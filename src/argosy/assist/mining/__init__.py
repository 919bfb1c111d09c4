"""From service dialogues to stored answers: pairs, clusters, contradictions, expiry, slots."""
