"""Sealed secrets and keyed hashes."""
