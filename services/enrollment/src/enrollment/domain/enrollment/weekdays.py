"""Business days, Monday to Friday."""

from datetime import datetime, timedelta

SATURDAY = 5


def business_days_after(moment: datetime, days: int) -> datetime:
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment
