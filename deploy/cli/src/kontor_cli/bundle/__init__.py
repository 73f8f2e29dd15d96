"""What goes into a support bundle. Only what is known to be harmless is let through; the rest is left out, not masked."""
