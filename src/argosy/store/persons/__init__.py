"""The persons concerned: their keys, consents, captures and erasures."""
