"""The invitation aggregate."""
