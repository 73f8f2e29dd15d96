"""What callers send: bodies, and what is wrong with them in the caller's language."""
