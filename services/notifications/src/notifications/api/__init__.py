"""HTTP requests become commands; views and forms."""
