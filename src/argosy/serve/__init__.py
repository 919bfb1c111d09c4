"""The HTTP service: keys, limits, meter, plans and invoices, batches, releases, captures, pages.

Never torch, and no SQL: it is handed what it keeps things in.
"""
