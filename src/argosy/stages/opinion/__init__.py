"""The stages of an opinion monitor: its two models, what their errors are, the entities, the report."""
