"""Messages as e-mail."""
