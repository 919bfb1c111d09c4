"""What is sold and what is owed: money, plans, prices, invoices. Pure functions; nothing here reads or writes."""
