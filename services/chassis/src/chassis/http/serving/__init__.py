"""What every request passes: the server, the middleware, the caller's network."""
