"""Work for later: files that clients hand in, and batches over them, worked through behind the live requests."""
