"""HTTP: the users of the caller's organization."""
