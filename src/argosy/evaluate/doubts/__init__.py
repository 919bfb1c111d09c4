"""What to doubt in a model that scores well: where it errs, how sure it is, how little turns it."""
