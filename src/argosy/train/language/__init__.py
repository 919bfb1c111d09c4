"""Language models: running text as rows, training from nothing and tuning."""
