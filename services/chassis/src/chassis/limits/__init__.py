"""Limits on what callers may cause: account lockouts and budgets of mails."""
