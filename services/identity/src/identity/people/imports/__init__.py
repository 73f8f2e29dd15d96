"""Imports of users from CSV. Each row is an invitation with a result of its own."""
