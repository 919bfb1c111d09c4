"""What labels tell and what is wrong with them."""
