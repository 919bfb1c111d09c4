"""Judging rankers by lists that were shown: before a release from the log alone, after it by users in arms."""
