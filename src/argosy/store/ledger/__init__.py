"""The books: reservations, settled events, tenants' sums and what limits them."""
