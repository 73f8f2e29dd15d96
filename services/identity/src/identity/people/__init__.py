"""Users and organizations: lookups, invitations, imports."""
