"""The lists in which mails and suppressions stand: which key finds them, in order of time."""

from collections.abc import Iterator
from datetime import UTC, datetime

from chassis import Listing, derived_id
from kontor_contracts.addresses import address_key
from notifications.domain.mail.ordering import NOBODY
from notifications.domain.mail.state import Letter, Mail
from notifications.domain.suppression.state import Suppression

PROGRAM = "*"
"""The lists of all mails, which the program's staff read. No organization has this id."""
SUPPRESSED = "suppressed"


def list_key(owner: str, **chosen: str) -> str:
    """One list per organization, and one more for each value of what is searched for."""
    return "|".join((owner, *(f"{name}={value}" for name, value in chosen.items())))


def recipient_key(email: str) -> str:
    """Of the mailbox, whatever the spelling of its address."""
    return derived_id("recipient", address_key(email))


def moment_key(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


def mail_listing(mail: Mail) -> Listing | None:
    letter = mail.letter
    if letter is None:
        return None
    owners = (PROGRAM, letter.tenant) if letter.tenant else (PROGRAM,)
    chosen = list(_searched(mail, letter))
    keys = [list_key(owner, **one) for owner in owners for one in ({}, *chosen)]
    return Listing(tuple(keys), f"{moment_key(letter.queued_at)}-{letter.mail_id}")


def _searched(mail: Mail, letter: Letter) -> Iterator[dict[str, str]]:
    yield {"status": mail.status}
    yield {"template": letter.template}
    yield {"cause": letter.cause_id}
    if letter.cause_subject:
        yield {"cause": letter.cause_subject}
    if mail.failure:
        yield {"failure": mail.failure}
    if letter.recipient != NOBODY:
        yield {"recipient": recipient_key(letter.recipient.email)}


def suppression_listing(state: Suppression) -> Listing | None:
    """Those that were lifted stand in no list; those that are over do, and are left out when it is read."""
    if state.reason is None or state.since is None:
        return None
    keys = (SUPPRESSED, list_key(SUPPRESSED, reason=state.reason), suppressed_address(state.key))
    return Listing(keys, f"{moment_key(state.since)}-{state.key or state.address}")


def suppressed_address(key: str) -> str:
    return list_key(SUPPRESSED, address=key)
