"""Relationships: invitations, partnerships, customers with their resellers, authorization checks."""
