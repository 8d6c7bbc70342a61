"""Messages shown on the terminal."""
