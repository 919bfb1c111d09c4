"""Base models: where they come from and how they are converted; torch lives here."""
