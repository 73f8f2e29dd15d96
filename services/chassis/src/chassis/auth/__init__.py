"""Access tokens, permissions and sealed secrets."""
