"""The page that creates a work account."""
