"""CSV files, and imports of large ones."""
