"""Load a document, decide, evolve, and save it in one write."""
