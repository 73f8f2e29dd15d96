"""Documents in memory for reads, invalidated by the topic."""
