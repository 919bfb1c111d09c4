"""Tables, the ledger, keys, invoices, releases, persons, migrations: the only SQL."""
