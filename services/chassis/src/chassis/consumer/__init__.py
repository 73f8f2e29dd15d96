"""Turns records into commands, in order per key."""
