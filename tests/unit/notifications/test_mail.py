"""The life of one mail: one owner at a time, its own schedule, and an end that stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kontor_contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailQueued,
    MailSent,
    MailSuppressed,
    MailWithdrawn,
)
from kontor_contracts.values import Recipient
from notifications.documents import MAIL
from notifications.domain.mail.decide import decide, evolve, overdue
from notifications.domain.mail.orders import RetryKept
from notifications.domain.mail.state import (
    RETRIES,
    AttemptFailed,
    AttemptStarted,
    Command,
    Expire,
    Fact,
    ForgetRecipient,
    Letter,
    LetterWritten,
    Mail,
    Postpone,
    QueueMail,
    RecordDeferred,
    RecordRefused,
    RecordSent,
    RecordUnreadable,
    StartAttempt,
    Suppress,
    WithdrawMail,
)

NOW = datetime(2026, 11, 2, 8, 14, 7, tzinfo=UTC)
LEASE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
LETTER = Letter(
    mail_id="m-1",
    template="contact-verification",
    recipient=Recipient(name="Jürgen Müller", email="juergen.mueller@mueller-soehne.example", culture="de-DE"),
    context={"company_name": "Müller & Söhne GmbH"},
    sealed_link="eyJhbGciOiJFQ0RILUVTIn0..a.b.c",
    expires_at=NOW + timedelta(days=7),
    cause_id="event-1",
    correlation_id="conversation-1",
    tenant="organization-1",
    queued_at=NOW,
)
NEW = Mail()


def mail(*commands: Command, given: Mail = NEW) -> Mail:
    """The mail after these commands."""
    return reduce(lambda state, command: reduce(evolve, decide(command, state), state), commands, given)


def start(owner: str = "a", at: datetime = NOW) -> StartAttempt:
    return StartAttempt(owner=owner, now=at, lease=LEASE)


def deferred(owner: str = "a", at: datetime = NOW, *, ambiguous: bool = False) -> RecordDeferred:
    return RecordDeferred(owner=owner, now=at, error="451 try later", ambiguous=ambiguous)


def failed(*, at: datetime = NOW, next_at: datetime | None, ambiguous: bool = False) -> AttemptFailed:
    return AttemptFailed(error="451 try later", next_at=next_at, ambiguous=ambiguous, failure="busy", at=at)


def abandoned(attempts: int, reason: str, detail: str, failure: str | None = None) -> MailAbandoned:
    return MailAbandoned.model_validate(
        {
            "mail_id": "m-1",
            "template": "contact-verification",
            "cause_id": "event-1",
            "attempts": attempts,
            "reason": reason,
            "detail": detail,
            "failure": failure,
        }
    )


def sent(attempts: int, *, ambiguous: bool = False) -> MailSent:
    return MailSent(
        mail_id="m-1", template="contact-verification", cause_id="event-1", attempts=attempts, ambiguous=ambiguous
    )


QUEUED = mail(QueueMail(LETTER))
SENDING = mail(start(), given=QUEUED)
DEFERRED = mail(deferred(), given=SENDING)
SENT = mail(RecordSent(owner="a"), given=SENDING)
ABANDONED = mail(RecordRefused(owner="a", error="550 no such mailbox"), given=SENDING)
EXPIRED_AT = NOW + timedelta(days=7)
STARTED = AttemptStarted(owner="a", at=NOW, lease_ends=NOW + LEASE, ambiguous=False)

TABLE: dict[str, tuple[Mail, Command, list[Fact]]] = {
    "a mail is queued once": (
        NEW,
        QueueMail(LETTER),
        [
            LetterWritten(LETTER),
            MailQueued(mail_id="m-1", template="contact-verification", cause_id="event-1"),
        ],
    ),
    "a mail that is queued is not queued again": (QUEUED, QueueMail(LETTER), []),
    "a mail that is sent is not queued again": (SENT, QueueMail(LETTER), []),
    "a queued mail may be tried at once": (QUEUED, start(), [STARTED]),
    "nobody starts before the mail is queued": (NEW, start(), []),
    "a second process does not get a mail that is being sent": (SENDING, start("b", NOW + LEASE - SECOND), []),
    "the one who has it does not get it twice": (SENDING, start(), []),
    "after the lease another process takes over, and the mail may be a copy": (
        SENDING,
        start("b", NOW + LEASE),
        [AttemptStarted(owner="b", at=NOW + LEASE, lease_ends=NOW + 2 * LEASE, ambiguous=True)],
    ),
    "a deferred mail waits for its time": (DEFERRED, start("b", NOW + timedelta(seconds=59)), []),
    "a deferred mail is tried again in its time, and is no copy": (
        DEFERRED,
        start("b", NOW + timedelta(minutes=1)),
        [
            AttemptStarted(
                owner="b",
                at=NOW + timedelta(minutes=1),
                lease_ends=NOW + timedelta(minutes=1) + LEASE,
                ambiguous=False,
            )
        ],
    ),
    "a mail whose link is void is not tried": (QUEUED, start(at=EXPIRED_AT), []),
    "a sent mail is not tried": (SENT, start("b", NOW + LEASE), []),
    "an abandoned mail is not tried": (ABANDONED, start("b", NOW + LEASE), []),
    "what the server took is sent": (SENDING, RecordSent(owner="a"), [sent(1)]),
    "sent is sent": (SENT, RecordSent(owner="a"), []),
    "a slow attempt tells of success even when another one has begun": (
        mail(start("b", NOW + LEASE), given=SENDING),
        RecordSent(owner="a"),
        [sent(2, ambiguous=True)],
    ),
    "a slow attempt tells of nothing else": (mail(start("b", NOW + LEASE), given=SENDING), deferred("a"), []),
    "nor does it refuse": (mail(start("b", NOW + LEASE), given=SENDING), RecordRefused(owner="a", error="550 no"), []),
    "what failed is tried again": (
        SENDING,
        deferred(),
        [failed(next_at=NOW + timedelta(minutes=1))],
    ),
    "an attempt that broke off after the data may have sent the mail": (
        SENDING,
        deferred(ambiguous=True),
        [failed(next_at=NOW + timedelta(minutes=1), ambiguous=True)],
    ),
    "no attempt is planned for after the link is void": (
        mail(start(at=EXPIRED_AT - SECOND), given=QUEUED),
        deferred(at=EXPIRED_AT - SECOND),
        [
            failed(at=EXPIRED_AT - SECOND, next_at=None),
            abandoned(1, "expired", "451 try later", "busy"),
        ],
    ),
    "what the server refuses for good is abandoned": (
        SENDING,
        RecordRefused(owner="a", error="550 5.1.1 mailbox unknown"),
        [abandoned(1, "refused-by-server", "550 5.1.1 mailbox unknown")],
    ),
    "a link that cannot be opened is abandoned": (
        SENDING,
        RecordUnreadable(owner="a"),
        [abandoned(1, "unreadable-secret", "the link cannot be opened with our key")],
    ),
    "a mail whose link is void expires, untried": (
        QUEUED,
        Expire(now=EXPIRED_AT),
        [abandoned(0, "expired", "no attempt was completed")],
    ),
    "an attempt under way is not cut off by the clock": (
        mail(start(at=EXPIRED_AT - SECOND), given=QUEUED),
        Expire(now=EXPIRED_AT),
        [],
    ),
    "a mail in its time does not expire": (DEFERRED, Expire(now=NOW + timedelta(days=1)), []),
    "a sent mail does not expire": (SENT, Expire(now=EXPIRED_AT), []),
}


@pytest.mark.parametrize(("given", "when", "then"), TABLE.values(), ids=TABLE.keys())
def test_rule(given: Mail, when: Command, then: list[Fact]) -> None:
    assert decide(when, given) == then


def test_each_failure_waits_longer_and_the_seventh_is_the_last() -> None:
    letter = replace(LETTER, expires_at=None)
    state, at, waits = mail(QueueMail(letter)), NOW, []
    while state.next_at is not None:
        state = mail(start(at=state.next_at), deferred(at=state.next_at), given=state)
        if state.next_at is not None:
            waits.append(state.next_at - at)
            at = state.next_at
    assert tuple(waits) == RETRIES
    assert (state.status, state.attempts) == ("abandoned", 7)


def test_a_mail_that_kills_every_sending_process_is_abandoned() -> None:
    state = mail(QueueMail(replace(LETTER, expires_at=None)))
    while (at := state.next_at) is not None:
        state = mail(start(f"process at {at}", at), Expire(now=at), given=state)
    assert (state.status, state.attempts) == ("abandoned", 7)


def test_the_date_of_a_mail_is_that_of_its_first_attempt() -> None:
    state = mail(start("b", NOW + timedelta(minutes=1)), given=DEFERRED)
    assert (state.first_attempt_at, state.last_attempt_at) == (NOW, NOW + timedelta(minutes=1))


@pytest.mark.parametrize("state", [SENT, ABANDONED], ids=["sent", "abandoned"])
def test_the_link_is_forgotten_once_nobody_needs_it(state: Mail) -> None:
    assert QUEUED.letter is not None and QUEUED.letter.sealed_link is not None
    assert state.letter is not None and state.letter.sealed_link is None


def test_no_address_leaves_the_service_in_the_words_of_a_mail_server() -> None:
    words = "550 5.1.1 <juergen.mueller@mueller-soehne.example>:\r\n Recipient address rejected\x00"
    (event,) = decide(RecordRefused(owner="a", error=words), SENDING)
    assert isinstance(event, MailAbandoned)
    assert event.detail == "550 5.1.1 <***>: Recipient address rejected"


def test_the_timer_runs_while_there_is_something_to_do() -> None:
    assert [MAIL.due(state) for state in (QUEUED, SENDING, DEFERRED)] == [
        NOW,
        NOW + LEASE,
        NOW + timedelta(minutes=1),
    ]
    assert [MAIL.due(state) for state in (NEW, SENT, ABANDONED)] == [None, None, None]


# -- laws

MOMENTS = st.integers(0, 14 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
OWNERS = st.sampled_from(["a", "b", "c"])
WORDS = st.text(max_size=300)
SCHEDULES = st.sampled_from([RETRIES, RETRIES[:1], ()])
LETTERS = st.sampled_from([LETTER, replace(LETTER, expires_at=None), replace(LETTER, sealed_link=None, context={})])
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(QueueMail, LETTERS),
    st.builds(StartAttempt, owner=OWNERS, now=MOMENTS, lease=st.just(LEASE), retries=SCHEDULES),
    st.builds(RecordSent, owner=OWNERS),
    st.builds(RecordDeferred, owner=OWNERS, now=MOMENTS, error=WORDS, ambiguous=st.booleans(), retries=SCHEDULES),
    st.builds(RecordRefused, owner=OWNERS, error=WORDS),
    st.builds(RecordUnreadable, owner=OWNERS),
    st.builds(Expire, now=MOMENTS, retries=SCHEDULES),
    st.just(ForgetRecipient()),
    st.builds(
        RecordDeferred,
        owner=OWNERS,
        now=MOMENTS,
        error=WORDS,
        excused=st.just(True),
        wait=st.just(timedelta(seconds=30)),
        keep=st.just(timedelta(days=3)),
    ),
    MOMENTS.map(lambda now: Postpone(now=now, until=now + timedelta(minutes=1))),
    st.builds(Suppress, now=MOMENTS, why=st.just("bounced")),
)
STATES = st.builds(lambda commands: mail(*commands), st.lists(COMMANDS, max_size=12))
FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(LetterWritten, LETTERS),
    st.builds(AttemptStarted, owner=OWNERS, at=MOMENTS, lease_ends=MOMENTS, ambiguous=st.booleans()),
    st.builds(AttemptFailed, error=WORDS, next_at=st.none() | MOMENTS, ambiguous=st.booleans()),
    st.just(MailQueued(mail_id="m-1", template="t", cause_id="c")),
    st.just(sent(1)),
    st.just(abandoned(1, "expired", "late")),
)


@given(STATES, COMMANDS)
def test_a_command_decided_again_after_its_own_facts_changes_nothing(state: Mail, command: Command) -> None:
    assert decide(command, reduce(evolve, decide(command, state), state)) == []


@given(STATES, st.lists(FACTS, max_size=5))
def test_every_fact_can_follow_every_state(state: Mail, facts: list[Fact]) -> None:
    reduce(evolve, facts, state)


@given(STATES)
def test_a_mail_survives_the_database(state: Mail) -> None:
    adapter = TypeAdapter(Mail)
    assert adapter.validate_python(adapter.dump_python(state, mode="json")) == state


@given(st.lists(COMMANDS, max_size=25))
def test_a_mail_ends_at_most_once_and_then_rests(commands: list[Command]) -> None:
    states = [NEW]
    ends = 0
    for command in commands:
        facts = decide(command, states[-1])
        ends += sum(isinstance(fact, MailSent | MailAbandoned | MailSuppressed) for fact in facts)
        states.append(reduce(evolve, facts, states[-1]))
    assert ends <= 1
    for before, after, command in zip(states, states[1:], commands, strict=False):
        if not isinstance(command, ForgetRecipient) and before.status in {"sent", "abandoned"}:
            assert after == before


@given(st.lists(COMMANDS, max_size=25))
def test_a_mail_that_is_not_at_its_end_has_a_timer(commands: list[Command]) -> None:
    state = mail(*commands)
    assert (state.next_at is not None) == (state.status in {"queued", "sending", "deferred"})


@given(STATES, MOMENTS, OWNERS)
def test_only_an_attempt_after_the_lease_can_take_a_mail_from_its_owner(state: Mail, now: datetime, owner: str) -> None:
    after = mail(start(owner, now), given=state)
    if state.status == "sending" and after.owner != state.owner:
        assert state.next_at is not None and now >= state.next_at
        assert after.ambiguous


# -- forgetting


@pytest.mark.parametrize("before", [QUEUED, SENDING, DEFERRED, SENT, ABANDONED])
def test_whom_a_mail_went_to_is_forgotten_with_the_user(before: Mail) -> None:
    facts = decide(ForgetRecipient(), before)
    left = reduce(evolve, facts, before)
    words = str(MAIL.dump(left))
    for personal in ("Jürgen", "juergen", "Söhne", "550"):
        assert personal not in words
    assert left.status == before.status
    assert decide(ForgetRecipient(), left) == []


@pytest.mark.parametrize("before", [QUEUED, SENDING, DEFERRED])
def test_no_attempt_begins_for_who_is_forgotten(before: Mail) -> None:
    left = mail(ForgetRecipient(), given=before)
    later = NOW + LEASE
    assert decide(start("b", later), left) == []
    assert overdue(left, later) == "expired"
    assert mail(Expire(now=later), given=left).status == "abandoned"


def test_an_attempt_under_way_may_still_tell_of_its_success() -> None:
    assert mail(ForgetRecipient(), RecordSent(owner="a"), given=SENDING).status == "sent"
    assert mail(ForgetRecipient(), deferred(), given=SENDING).status == "abandoned"


def test_there_is_nothing_to_forget_of_a_mail_that_never_was() -> None:
    assert decide(ForgetRecipient(), NEW) == []


# -- withdrawal

WITHDRAWABLE = replace(LETTER, template="invitation", withdrawable=True, cause_subject="invitation:i1")


@pytest.mark.parametrize(
    "waiting",
    [
        mail(QueueMail(WITHDRAWABLE)),
        mail(QueueMail(WITHDRAWABLE), start(), RecordDeferred(owner="a", now=NOW, error="451")),
    ],
)
def test_a_waiting_mail_is_withdrawn_and_never_sent(waiting: Mail) -> None:
    (withdrawn,) = decide(WithdrawMail(NOW), waiting)
    assert isinstance(withdrawn, MailWithdrawn) and withdrawn.cause_subject == "invitation:i1"
    gone = mail(WithdrawMail(NOW), given=waiting)
    assert (gone.status, gone.next_at) == ("withdrawn", None)
    assert gone.letter is not None and gone.letter.sealed_link is None
    assert decide(start("b", NOW + timedelta(days=1)), gone) == decide(WithdrawMail(NOW), gone) == []


def test_an_attempt_under_way_ends_and_no_other_begins() -> None:
    under_way = mail(QueueMail(WITHDRAWABLE), start(), WithdrawMail(NOW))
    assert under_way.status == "sending"
    assert mail(RecordSent(owner="a"), given=under_way).status == "sent"
    deferred = mail(RecordDeferred(owner="a", now=NOW, error="451"), given=under_way)
    assert deferred.status == "withdrawn"
    # The process that sent it crashed.
    later = NOW + LEASE
    assert overdue(under_way, later) == "withdrawn"
    assert decide(start("b", later), under_way) == []
    assert mail(Expire(now=later), given=under_way).status == "withdrawn"


@pytest.mark.parametrize(
    "other", [mail(QueueMail(LETTER)), mail(QueueMail(WITHDRAWABLE), start(), RecordSent(owner="a"))]
)
def test_other_mails_and_sent_ones_are_not_withdrawn(other: Mail) -> None:
    assert decide(WithdrawMail(NOW), other) == []


# -- troubles, postponing, suppression


def troubled(at: datetime, *, keep: timedelta = timedelta(days=3)) -> RecordDeferred:
    wait = timedelta(minutes=15)
    return RecordDeferred(
        owner="a", now=at, error="554 5.7.1 blocked", failure="policy", excused=True, wait=wait, keep=keep, refused=True
    )


def troubled_for(duration: timedelta) -> Mail:
    state, at = QUEUED, NOW
    while state.next_at is not None and state.next_at <= NOW + duration:
        at = state.next_at
        state = mail(start(at=at), troubled(at), given=state)
    return state


def test_an_hour_of_trouble_uses_up_no_attempt_and_loses_no_mail() -> None:
    state = troubled_for(timedelta(hours=1))
    assert (state.status, state.attempts, state.excused) == ("deferred", 5, 5)
    assert state.next_at is not None
    assert mail(start("b", state.next_at), RecordSent(owner="b"), given=state).status == "sent"


def test_a_trouble_that_does_not_end_ends_the_mail_and_says_why() -> None:
    state = troubled_for(timedelta(days=10))
    assert state.status == "abandoned"
    assert state.last_attempt_at is not None and state.last_attempt_at - NOW > timedelta(days=2)
    assert len(state.log) == 20


def test_a_mail_that_waits_for_long_is_announced_once() -> None:
    state, told = QUEUED, []
    while state.next_at is not None and state.next_at <= NOW + timedelta(hours=2):
        state = mail(start(at=state.next_at), given=state)
        facts = decide(troubled(state.last_attempt_at or NOW), state)
        told += [fact for fact in facts if isinstance(fact, MailDeferred)]
        state = reduce(evolve, facts, state)
    (deferral,) = told
    assert (deferral.failure, deferral.next_attempt_at) == ("policy", NOW + timedelta(minutes=30))


def test_a_refusal_without_a_reason_ends_a_mail_after_its_time() -> None:
    refusal = RecordDeferred(
        owner="a", now=NOW, error="550 no", failure="unclear", keep=timedelta(seconds=30), refused=True
    )
    *_, end = decide(refusal, SENDING)
    assert isinstance(end, MailAbandoned) and (end.reason, end.failure) == ("refused-by-server", "unclear")


def test_a_postponed_mail_waits_without_an_attempt() -> None:
    later = NOW + timedelta(seconds=9)
    state = mail(Postpone(now=NOW, until=later), given=QUEUED)
    assert (state.status, state.attempts, state.next_at) == ("queued", 0, later)
    assert decide(start(at=NOW), state) == []
    assert decide(Postpone(now=NOW, until=NOW + timedelta(seconds=5)), state) == []
    assert decide(Postpone(now=NOW, until=later), SENDING) == []


@pytest.mark.parametrize("waiting", [QUEUED, DEFERRED])
def test_a_mail_to_a_suppressed_address_ends_untried(waiting: Mail) -> None:
    kept, event = decide(Suppress(now=NOW, why="unknown-mailbox"), waiting)
    assert isinstance(kept, RetryKept)
    assert isinstance(event, MailSuppressed) and event.reason == "unknown-mailbox"
    state = mail(Suppress(now=NOW, why="unknown-mailbox"), given=waiting)
    assert (state.status, state.next_at) == ("suppressed", None)
    assert decide(start("b", NOW + LEASE), state) == []
