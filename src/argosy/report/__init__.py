"""What is said of measured numbers, the same in the terminal, the page and the cards."""
