"""The recommender's room: what users do and items say, models of both, their ranking, and a state that follows the log.

No torch, no SQL, no HTTP: what serves, what stores and what composes stand elsewhere.
"""
