"""The mail aggregate."""
