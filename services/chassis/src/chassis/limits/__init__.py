"""Limits on what callers may cause: account lockouts and budgets of mails. A face of the chassis for services."""

from chassis.limits.lockouts import Lockouts, lockout_aggregate
from chassis.limits.mail_budgets import BUDGET, SPENT, MailBudgets

__all__ = [
    "BUDGET",
    "SPENT",
    "Lockouts",
    "MailBudgets",
    "lockout_aggregate",
]
