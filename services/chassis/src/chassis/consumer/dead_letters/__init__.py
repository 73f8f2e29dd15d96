"""Records that could not be applied: parked, shown, replayed."""
