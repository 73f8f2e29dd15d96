"""The suppression aggregate: whether mails may go to an address."""
