"""What an assistant and those who mend its answers see at the terminal."""
