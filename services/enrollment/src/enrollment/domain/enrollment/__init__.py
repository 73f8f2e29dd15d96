"""The enrollment aggregate."""
