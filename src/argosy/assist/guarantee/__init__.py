"""How often answers may be wrong: thresholds that keep a promise, also when the traffic shifts, and its watch."""
