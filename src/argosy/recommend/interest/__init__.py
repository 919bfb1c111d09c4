"""The text model: what somebody is interested in, by the texts of what they had; it needs no torch."""
