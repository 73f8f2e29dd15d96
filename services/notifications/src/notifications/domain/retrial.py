"""A retry of many mails at once: which ones it was about. Written before the first of them is retried.

So the same request, sent again after a crash, goes on with the same mails and not with the next ones.
"""

from dataclasses import dataclass, replace

MOST_MAILS = 200
"""That one request retries; the next request takes the next ones."""


@dataclass(frozen=True, slots=True)
class Retrial:
    """``more``: others of the same class were left for the next request."""

    mail_ids: tuple[str, ...] | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class SelectMails:
    mail_ids: tuple[str, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class MailsSelected:
    mail_ids: tuple[str, ...]
    more: bool


def decide(command: SelectMails, state: Retrial) -> list[MailsSelected]:
    if state.mail_ids is not None:
        return []
    more = command.more or len(command.mail_ids) > MOST_MAILS
    return [MailsSelected(command.mail_ids[:MOST_MAILS], more)]


def evolve(state: Retrial, fact: MailsSelected) -> Retrial:
    return replace(state, mail_ids=fact.mail_ids, more=fact.more)
