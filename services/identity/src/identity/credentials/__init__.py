"""Passwords, one-time codes, tokens and keys."""
