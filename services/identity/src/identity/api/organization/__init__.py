"""HTTP: the organization itself: its details, its end, its domains, its activity log."""
