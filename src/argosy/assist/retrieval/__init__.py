"""Which entries may answer: words and vectors, fused, read again by a cross-encoder, as a calibrated chance."""
