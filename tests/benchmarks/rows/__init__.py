"""One module per line of the table."""
