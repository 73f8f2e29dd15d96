"""Which mails wait, for the metrics."""

from datetime import datetime

from chassis import Census

WAITING = ("queued", "sending", "deferred")


def _queued_at(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


MAILS = Census(
    metric="kontor_mails_waiting",
    what="Mails that are not done",
    status="state.status",
    statuses=WAITING,
    aged=WAITING,
    field="state.letter.queued_at",
    since=_queued_at,
)
