"""From what several models propose to one list: candidates, features, rankers, diversity, rules, and reasons."""
