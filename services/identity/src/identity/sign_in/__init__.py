"""Signing in, by password, code or company directory."""
