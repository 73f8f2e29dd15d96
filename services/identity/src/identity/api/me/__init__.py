"""HTTP: the caller's own account: profile, password, address, access."""
