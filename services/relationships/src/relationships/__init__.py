"""Relationships: who works with whom: partnerships, customers and their resellers, invitations, authorizations."""
