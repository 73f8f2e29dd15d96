"""What the program's staff order about a mail, and how long a mail keeps what a retry needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from kontor_contracts.notifications import MailOrdered, MailQueued
from kontor_contracts.values import Recipient
from notifications.documents import MAIL
from notifications.domain.mail.decide import decide, evolve
from notifications.domain.mail.orders import (
    RETRY_FOR,
    EndRetry,
    MailOrderRefused,
    ResendMail,
    RetryMail,
    StopMail,
)
from notifications.domain.mail.state import (
    Command,
    ForgetRecipient,
    Letter,
    Mail,
    QueueMail,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    StartAttempt,
    Suppress,
    WithdrawMail,
)
from notifications.lists import PROGRAM, list_key, mail_listing, recipient_key

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SEALED = "eyJhbGciOiJFQ0RILUVTIn0..sealed"
LETTER = Letter(
    mail_id="mail-1",
    template="invitation",
    recipient=Recipient(name="Siân O'Connor", email="Sian@Harbour.example"),
    sealed_link=SEALED,
    expires_at=NOW + 30 * DAY,
    cause_id="message-1",
    correlation_id="correlation-1",
    tenant="organization-1",
    queued_at=NOW,
    cause_subject="invitation:1",
    withdrawable=True,
)
LATER = NOW + DAY


def after(*commands: Command, letter: Letter = LETTER) -> Mail:
    return reduce(lambda mail, one: reduce(evolve, decide(one, mail), mail), (QueueMail(letter), *commands), Mail())


def attempt(owner: str = "one", at: datetime = NOW) -> StartAttempt:
    return StartAttempt(owner=owner, now=at, lease=MINUTE)


REFUSED = RecordRefused(owner="one", error="550 no such user", failure="unknown-mailbox", now=NOW + MINUTE)
SUPPRESS = Suppress(now=NOW + MINUTE, why="unknown-mailbox")
ENDS: dict[str, tuple[Command, ...]] = {
    "abandoned": (attempt(), REFUSED),
    "suppressed": (SUPPRESS,),
    "unreadable": (attempt(), RecordUnreadable(owner="one", now=NOW + MINUTE)),
}
RETRY = RetryMail(at=LATER, reason="The relay erred.")
RESEND = ResendMail(at=LATER, reason="It was deleted by mistake.")
STOP = StopMail(at=LATER, reason="Wrong text.")


def refusal(command: Command, mail: Mail) -> str:
    (fact,) = decide(command, mail)
    assert isinstance(fact, MailOrderRefused), fact
    return fact.reason


@pytest.mark.parametrize("ends", ENDS)
def test_an_undelivered_mail_keeps_its_link_for_a_retry(ends: str) -> None:
    mail = after(*ENDS[ends])
    assert mail.letter is not None
    assert (mail.letter.sealed_link, mail.retry_until) == (SEALED, NOW + MINUTE + RETRY_FOR)
    assert (mail.next_at, MAIL.due(mail)) == (None, mail.retry_until), "a timer erases it then"
    assert mail.retry_until is not None
    over = reduce(evolve, decide(EndRetry(mail.retry_until), mail), mail)
    assert over.letter is not None
    assert (over.letter.sealed_link, MAIL.due(over), over.linked) == (None, None, True)
    assert refusal(replace(RETRY, at=NOW + 15 * DAY), over) == "mail-link-erased"


def test_a_link_is_kept_no_longer_than_it_is_valid() -> None:
    short = replace(LETTER, expires_at=NOW + DAY)
    mail = after(*ENDS["abandoned"], letter=short)
    assert mail.retry_until == NOW + DAY
    assert decide(EndRetry(NOW + DAY - MINUTE), mail) == []
    assert refusal(replace(RETRY, at=NOW + DAY), mail) == "mail-expired"


@pytest.mark.parametrize("ends", ENDS)
def test_a_retried_mail_starts_its_schedule_again(ends: str) -> None:
    before = after(*ENDS[ends])
    facts = decide(RETRY, before)
    assert [type(one) for one in facts][1:] == [MailOrdered, MailQueued]
    mail = reduce(evolve, facts, before)
    assert (mail.status, mail.next_at, mail.retry_until, mail.copies) == ("queued", LATER, None, 0)
    assert mail.first_attempt_at == before.first_attempt_at, "the mail keeps its date, as it keeps its Message-ID"
    mail = reduce(evolve, decide(attempt("two", LATER), mail), mail)
    (failed, *_) = decide(RecordDeferred(owner="two", now=LATER, error="busy", keep=4 * MINUTE), mail)
    assert failed.next_at == LATER + MINUTE, "the first wait, within the time from the retry on"  # type: ignore[union-attr]
    sent = reduce(evolve, decide(RecordSent(owner="two", now=LATER), mail), mail)
    assert sent.letter is not None
    assert (sent.status, sent.letter.sealed_link, sent.failure) == ("sent", None, None)


def test_a_waiting_mail_is_tried_at_once() -> None:
    waits = after(attempt(), RecordDeferred(owner="one", now=NOW, error="busy"))
    facts = decide(replace(RETRY, at=NOW + timedelta(seconds=5)), waits)
    assert [type(one).__name__ for one in facts][1:] == ["MailOrdered"]
    assert reduce(evolve, facts, waits).next_at == NOW + timedelta(seconds=5)


def test_a_copy_is_for_sent_mails_without_a_link() -> None:
    sent = (attempt(), RecordSent(owner="one", now=NOW))
    assert refusal(RESEND, after(*sent)) == "mail-link-erased"
    assert refusal(RESEND, after(*ENDS["abandoned"])) == "mail-not-sent"
    plain = after(*sent, letter=replace(LETTER, sealed_link=None))
    copy = reduce(evolve, decide(RESEND, plain), plain)
    assert (copy.status, copy.copies, copy.first_attempt_at) == ("queued", 1, None)


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ((), "mail-under-way"),
        ((attempt(),), "mail-under-way"),
        ((attempt(), RecordSent(owner="one", now=NOW)), "mail-sent"),
        ((WithdrawMail(NOW),), "mail-over"),
        ((*ENDS["abandoned"], WithdrawMail(LATER)), "mail-link-erased"),
        ((*ENDS["abandoned"], ForgetRecipient()), "mail-erased"),
    ],
)
def test_a_retry_is_refused_where_it_makes_no_sense(commands: tuple[Command, ...], reason: str) -> None:
    assert refusal(RETRY, after(*commands)) == reason


@pytest.mark.parametrize("ends", ENDS)
def test_what_is_over_erases_the_link_of_an_undelivered_mail(ends: str) -> None:
    mail = after(*ENDS[ends], WithdrawMail(LATER))
    assert mail.letter is not None
    assert (mail.letter.sealed_link, MAIL.due(mail)) == (None, None)


@pytest.mark.parametrize(
    "commands", [(), (attempt(), RecordDeferred(owner="one", now=NOW, error="busy")), *ENDS.values()]
)
def test_a_stopped_mail_is_withdrawn_whatever_it_is_about(commands: tuple[Command, ...]) -> None:
    before = after(*commands, letter=replace(LETTER, withdrawable=False))
    facts = decide(STOP, before)
    assert [type(one).__name__ for one in facts] == ["MailOrdered", "MailWithdrawn"]
    mail = reduce(evolve, facts, before)
    assert mail.letter is not None
    assert (mail.status, mail.letter.sealed_link, MAIL.due(mail)) == ("withdrawn", None, None)
    assert decide(STOP, mail) == []


def test_an_attempt_under_way_is_left_to_end() -> None:
    sending = after(attempt())
    stopped = reduce(evolve, decide(replace(STOP, at=NOW), sending), sending)
    assert (stopped.status, stopped.unwanted) == ("sending", True)
    assert refusal(STOP, after(attempt(), RecordSent(owner="one", now=NOW))) == "mail-sent"


def keys(mail: Mail) -> set[str]:
    listing = mail_listing(mail)
    assert listing is not None
    return set(listing.keys)


def test_a_mail_stands_in_the_lists_it_is_searched_by() -> None:
    mail = after(*ENDS["abandoned"])
    chosen: dict[str, Any] = {
        "status": "abandoned",
        "template": "invitation",
        "failure": "unknown-mailbox",
        "recipient": recipient_key("sian@harbour.EXAMPLE"),
    }
    wanted = {list_key(owner, **{k: v}) for owner in (PROGRAM, "organization-1") for k, v in chosen.items()}
    wanted |= {list_key(owner, cause=c) for owner in (PROGRAM, "organization-1") for c in ("message-1", "invitation:1")}
    assert keys(mail) == wanted | {PROGRAM, "organization-1"}


def test_an_erased_mail_is_not_found_by_its_recipient() -> None:
    assert not [key for key in keys(after(ForgetRecipient())) if "recipient=" in key]
