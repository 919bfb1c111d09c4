"""Tables, the ledger and migrations: the only SQL."""
