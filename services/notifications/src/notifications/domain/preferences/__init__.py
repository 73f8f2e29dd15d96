"""The preferences aggregate: which optional mails the reader of a mailbox wants, and in which language."""
