"""Automatic checks of a company, which come before the decision of a person: the port, and its adapters."""
