"""The bill, and the ledger behind it."""
