"""Stories: texts that say the same, as reposts do, found by what they share."""
