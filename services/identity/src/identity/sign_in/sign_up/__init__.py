"""Sign-ups: a form, a mailed proof of the address, then a work account."""
