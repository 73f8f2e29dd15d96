"""The administrator grant aggregate."""
