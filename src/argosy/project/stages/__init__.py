"""One file a stage; each says what it reads and what it writes."""
