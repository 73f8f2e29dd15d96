"""The activity log: its entries are made of the events of all services."""
