"""Messages: sending them, and what becomes of them."""
