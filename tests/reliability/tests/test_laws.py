"""Laws of the chaos rig's checker: what repetition may do, what nothing may do, and which faults excuse what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from reliability.checker import check
from reliability.checker.once import source
from reliability.checker.search import Search, forms
from reliability.history import Expected, ExpectedMail, History, Record
from reliability.tests.run import EMAIL, Run, broken, fault, found, good, put, without

from chassis.consumer.decoder import Decoder
from kontor_contracts import new_envelope
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.topics import BY_NAME

Draw = st.DataObject
STREAM = "identity.events"


@st.composite
def runs(draw: st.DrawFn) -> History:
    """Several users with a few changes each, in any mixture, and a relay that may begin again behind any event it has sent."""
    run = Run()
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    turns = draw(st.permutations([user for user, length in enumerate(lengths) for _ in range(length)]))
    for turn, user in enumerate(turns):
        data = {"user_id": str(user), "turn": turn}
        run.entry(f"key-{turn}", "change", "identity", events=(Expected("kontor.identity.changed.v1", data),))
        run.event("identity", f"user:{user}", "changed", data, f"http:{turn}")
        if draw(st.booleans()):
            _publish_again(run, f"user:{user}", draw(st.integers(1, 5)))
    return run.over()


def _publish_again(run: Run, subject: str, since: int) -> None:
    """Everything of the subject from this number on: e1 e2 e3 e2 e3."""
    sent = [record for record in run.history.records if record.key == subject.encode()]
    firsts = {int((record.message or {})["sequence"]): record for record in reversed(sent)}
    for number in sorted(firsts):
        if number >= since:
            run.record(STREAM, subject.encode(), firsts[number].value or b"")


def firsts(history: History) -> list[Record]:
    """The first occurrence of each event."""
    seen: dict[str, Record] = {}
    for record in history.records:
        seen.setdefault((record.message or {})["id"], record)
    return list(seen.values())


def number(record: Record) -> int:
    return int((record.message or {})["sequence"])


@given(runs())
def test_repetitions_of_what_was_sent_break_nothing(history: History) -> None:
    assert broken(history) == {}


@given(runs(), st.data())
def test_an_event_that_is_nowhere_breaks_i1_and_i2(history: History, data: Draw) -> None:
    gone = data.draw(st.sampled_from(firsts(history))).message or {}
    without(history, [record for record in history.records if (record.message or {})["id"] == gone["id"]])
    assert {"I1", "I2"} <= set(broken(history)) <= {"I1", "I2", "I3"}


@given(runs(), st.data())
def test_two_first_occurrences_in_the_wrong_order_break_i3_alone(history: History, data: Draw) -> None:
    some = [record for record in firsts(history) if number(record) > 1]
    if not some:
        return
    late = data.draw(st.sampled_from(some))
    early = next(r for r in firsts(history) if r.key == late.key and number(r) == number(late) - 1)
    # Whatever repeats the earlier one before the later one would make it the first.
    between = [r for r in history.records if r.key == late.key and early.offset < r.offset < late.offset]
    without(history, between)
    put(history, early, offset=late.offset)
    put(history, late, offset=early.offset)
    history.records.sort(key=lambda record: (record.topic, record.partition, record.offset))
    assert set(broken(history)) == {"I3"}


@given(runs(), st.data())
def test_a_document_behind_its_topic_breaks_i4_alone(history: History, data: Draw) -> None:
    document = data.draw(st.sampled_from(history.documents["identity"]))
    document["seq"] -= 1
    assert set(broken(history)) == {"I4"}


@given(runs(), st.data())
def test_an_event_that_is_there_twice_under_two_numbers_breaks_i5(history: History, data: Draw) -> None:
    record = data.draw(st.sampled_from(firsts(history)))
    subject = (record.message or {})["subject"]
    document = next(one for one in history.documents["identity"] if one["_id"] == subject)
    document["seq"] += 1
    again = dict(record.message or {}, id="again", sequence=f"{document['seq']:010d}")
    history.records.append(replace(record, offset=1000, message=again, value=b"again"))
    assert set(broken(history)) == {"I5"}


@given(runs(), st.data())
def test_an_unread_record_breaks_i12_alone(history: History, data: Draw) -> None:
    offsets = history.committed["notifications"][STREAM]
    partition = data.draw(st.sampled_from(sorted(offsets)))
    offsets[partition] -= 1
    assert set(broken(history)) == {"I12"}


def test_stories_are_the_shortest_five_of_all() -> None:
    history = good()
    history.documents["identity"] += [{"_id": f"user:{'x' * length}", "seq": 1} for length in range(9, 0, -1)]
    verdict = check(history)[1]
    assert (verdict.held, len(verdict.stories), verdict.count) == (False, 5, 9)
    assert [story.split(";")[0][-length:] for length, story in enumerate(verdict.stories, 1)] == [
        "x" * length for length in range(1, 6)
    ]


def test_reading_again_may_change_nothing_and_does_no_harm_by_itself() -> None:
    history = good()
    history.before = {service: [dict(document) for document in found] for service, found in history.documents.items()}
    assert broken(history) == {}


def test_a_command_nobody_answered_may_have_happened_or_not() -> None:
    history = good()
    wanted = Expected("kontor.identity.user-removed.v1", {})
    history.ledger.append(replace(history.ledger[0], id="lost", acknowledged=None, events=(wanted,), mails=()))
    history.ledger[1].acknowledged = None
    assert broken(history) == {}


# -- which faults excuse a second copy of a mail


@pytest.mark.parametrize(
    ("kind", "target", "since", "until", "excused"),
    [
        ("crash:C12", "notifications-1", 0.2, None, True),
        ("kill", "notifications-2", 0.2, 3.0, True),
        ("stop", "notifications-1", -3.0, 2.0, True),
        ("smtp-cut:silent", "smtp", -1.0, 2.0, True),
        ("database:cut", "database", -1.0, 2.0, True),
        ("crash:C12", "notifications-1", 30.0, None, False),
        ("kill", "identity-1", 0.2, 3.0, False),
        ("restart", "notifications-1", 0.2, 3.0, False),
        ("smtp-refuses", "smtp", 0.2, 3.0, False),
    ],
)
def test_a_second_copy_is_excused_by_what_cut_the_first_one_short(
    kind: str, target: str, since: float, until: float | None, excused: bool
) -> None:
    history = good()
    first = history.mails[0]
    history.mails.append(replace(first, at=first.at + 4))
    history.faults = [fault(kind, target, first.at + since, None if until is None else first.at + until)]
    assert set(broken(history)) == (set() if excused else {"I6"})


def test_one_crash_excuses_one_copy_of_a_mail() -> None:
    history = good()
    first = history.mails[0]
    history.mails += [replace(first, at=first.at + 1), replace(first, at=first.at + 2)]
    history.faults = [fault("crash:C12", "notifications-1", first.at)]
    assert set(broken(history)) == {"I6"}


def test_a_mail_that_was_given_up_openly_is_not_missing() -> None:
    run = Run()
    run.entry("key-1", "add-user", "identity", mails=(ExpectedMail(EMAIL.upper(), "."),))
    user = run.event("identity", "user:1", "user-added", {"email": EMAIL}, "http:1")
    fate = {"mail_id": "m-1", "cause_id": (user.message or {})["id"]}
    run.event("notifications", "mail:m-1", "mail-queued", fate, "x")
    queued = run.history.records[-1]
    run.event("notifications", "mail:m-1", "mail-abandoned", fate, "y")
    history = run.over()
    assert broken(history) == {}
    without(history, [found(history, "mail-abandoned"), queued])
    assert "I6" in broken(history)


# -- searching


@given(
    st.text(min_size=1, max_size=40),
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.lists(st.text(min_size=1, max_size=40), max_size=5),
)
def test_a_text_is_found_wherever_it_stands_in_any_of_its_forms(
    text: str, before: bytes, after: bytes, others: list[str]
) -> None:
    search = Search([text, *others])
    for form in forms(text):
        place = before + form + after
        found = search.find(place)
        assert text in found
        assert found == {one for one in {text, *others} if any(form in place for form in forms(one))}


@pytest.mark.parametrize("form", ["%c3%96l+%26+17", "%C3%96l%20%26%2017", "\\u00d6l & 17", "Öl & 17"])
def test_forms_are_those_of_urls_and_json(form: str) -> None:
    assert form.encode() in forms("Öl & 17")


# -- the one thing the checker must know by heart


def test_sources_have_the_names_that_documents_use() -> None:
    command = ImportCustomer(
        portal="unruh", external_id="1", name="A", country="DE", partner_id="4710815", permissions=("administer",)
    )
    envelope = new_envelope(
        command, id="1", source="/unruh", subject="a:1", time=datetime.now(UTC), correlationid="1", sequence=3
    )
    record: Any = ConsumerRecord(
        topic=STREAM, partition=2, offset=6, timestamp=0, timestamp_type=0, key=b"a:1", value=b"", checksum=None,
        serialized_key_size=0, serialized_value_size=0, headers=(),
    )  # fmt: skip
    now = datetime.now(UTC)
    events = Decoder(BY_NAME).cause(envelope, record, now).position
    asked = replace(record, topic="relationships.commands")
    commands = Decoder(BY_NAME).cause(envelope, asked, now).position
    assert events is not None and (events.source, events.number) == (source(STREAM, "a:1"), 3)
    assert commands is not None
    assert (commands.source, commands.number) == (source("relationships.commands", 2, "a:1"), 7)
