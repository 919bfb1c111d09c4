"""An assistant at work: questions understood, entries found, answers where they are right often enough; no torch."""
