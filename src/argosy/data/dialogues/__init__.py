"""Service dialogues out of tables and chat exports, as turns of customers and agents."""
