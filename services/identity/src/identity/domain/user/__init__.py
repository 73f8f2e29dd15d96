"""The user aggregate."""
