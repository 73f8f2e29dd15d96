"""The reseller of record of a subscription."""
