"""The activity log: its entries are made of the events of identity, enrollment and relationships."""
