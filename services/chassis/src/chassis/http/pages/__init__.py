"""Pages for people: one shell, and what the pages of all services share. HTML without a script, nothing from elsewhere."""
