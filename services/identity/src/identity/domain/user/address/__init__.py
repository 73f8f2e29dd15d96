"""The address of a user: proved and changed by mailed links."""
