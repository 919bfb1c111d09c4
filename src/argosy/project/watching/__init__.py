"""A served project watched: signals put together from all its books, alarms opened, sent and closed."""
