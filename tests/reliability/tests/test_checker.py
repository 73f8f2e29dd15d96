"""The checker of the chaos rig: it must find every way to break a promise, and nothing where none is broken."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from reliability.checker import check
from reliability.checker.once import source
from reliability.explain import explained
from reliability.history import Entry, Expected, ExpectedMail, Fault, History, Probe, Record
from reliability.rig import Plan, is_enough
from reliability.tests.run import EMAIL, Run, Spoil, Ways, broken, fault, find, found, good, put, without

from kontor_contracts import Payload, encode, new_envelope
from kontor_contracts.relationships import CustomerSnapshot, Edge, PartnerSnapshot

INVARIANTS = [f"I{number}" for number in range(1, 13)]
WAYS = Ways()
breaks = WAYS.breaks


def test_a_correct_run_holds_in_all_twelve_and_each_was_looked_at() -> None:
    verdicts = check(good())
    assert [verdict.invariant for verdict in verdicts] == INVARIANTS
    assert [verdict for verdict in verdicts if not verdict.held] == []
    assert all(verdict.checked for verdict in verdicts)


EDGE = Edge(partner_id="4711", permissions=("order",), version=1, since=datetime(2026, 11, 28, tzinfo=UTC))


def _snapshot(key: str, data: Payload) -> Record:
    facts: dict[str, Any] = {
        "id": key,
        "source": "/kontor/relationships",
        "time": EDGE.since,
        "sequence": 1,
        "correlationid": "c",
    }
    value, headers = encode(new_envelope(data, subject=key, **facts))
    return Record("relationships.snapshot", 0, 0, 0.0, key.encode(), value, tuple(headers), json.loads(value))


def test_snapshots_that_say_what_the_lists_say_are_right() -> None:
    history = good()
    _i2_a_snapshot_is_not_taken_back(history)
    history.listed = {"r": ["c-1"]}
    assert broken(history) == {}


def test_of_nothing_nothing_was_looked_at_and_nothing_is_broken() -> None:
    assert [(verdict.held, verdict.checked) for verdict in check(History())] == [(True, 0)] * 12


@breaks("add-user key-1 to identity", "2 times", "user-added.v1 with user.email=ute@unruh.example", also="I2 I3")
def _i1_an_acknowledged_event_is_nowhere(history: History) -> None:
    without(history, [found(history, "user-added")])


@breaks("import-customer bus-1", "external_id=K-2")
def _i1_the_event_is_another_ones(history: History) -> None:
    entry = next(entry for entry in history.ledger if entry.id == "bus-1")
    entry.events = (Expected("kontor.relationships.customer-imported.v1", {"external_id": "K-2"}),)


@breaks("lacks 4 of the 4 events of user:1", "user-roles-changed 3", "change-roles key-3 to identity")
def _i2_the_last_event_is_missing(history: History) -> None:
    without(history, [found(history, "user-roles-changed", 2)])
    history.ledger = [entry for entry in history.ledger if entry.id != "key-4"]


@breaks("lacks 1, 2 of the 2 events of session:1", "none at all")
def _i2_a_document_has_told_of_nothing(history: History) -> None:
    history.documents["identity"].append({"_id": "session:1", "seq": 2})


@breaks("customer:1 of relationships holds 2, 3 unpublished")
def _i2_something_is_still_pending(history: History) -> None:
    history.documents["relationships"][0]["out"] = [{"n": 1}, {"n": 2}, {"n": 3}]
    history.documents["relationships"][0]["ob"] = {"from": 2}


@breaks("relationships.snapshot lacks 2 customers of r, such as c-1, c-2")
def _i2_a_snapshot_is_missing(history: History) -> None:
    history.listed = {"r": ["c-2", "c-1"]}


@breaks("relationships.snapshot still has 1 customers of r, such as c-1")
def _i2_a_snapshot_is_not_taken_back(history: History) -> None:
    history.records += [
        _snapshot("partner:r", PartnerSnapshot(organization_id="r", partner_id="4711")),
        _snapshot("customer:c-1", CustomerSnapshot(customer_id="c-1", edges=(EDGE,))),
    ]
    history.listed = {"r": []}


@breaks("customer:1 of relationships still stands in the sweep")
def _i2_the_outbox_is_not_closed(history: History) -> None:
    history.documents["relationships"][0]["ob"] = {"own": "x"}


@breaks(
    "user:1: sequence 3 came at offset 1 before 2 (offset 2)", "change-roles key-3", "0.5 s after kill of identity-1"
)
def _i3_two_first_occurrences_changed_places(history: History) -> None:
    first, second = found(history, "user-roles-changed"), found(history, "user-roles-changed", 1)
    put(history, first, offset=second.offset)
    put(history, second, offset=first.offset)
    history.records.sort(key=lambda record: (record.topic, record.partition, record.offset))
    history.faults = [fault("kill", "identity-1", second.at - 0.5)]


@breaks("user:1 is in partitions 0, 2 of identity.events", "change-roles key-4")
def _i3_a_subject_changed_its_partition(history: History) -> None:
    put(history, found(history, "user-roles-changed", 2), partition=0)


@breaks("key b'user:2' is not the partitionkey of user-roles-changed 2 of user:1", "change-roles key-2")
def _i3_a_record_has_another_key(history: History) -> None:
    put(history, found(history, "user-roles-changed"), key=b"user:2")


@breaks("mail-sent 2 of mail:m-1 is unknown to its document, which has 1", "add-user key-1")
def _i4_an_event_without_its_change(history: History) -> None:
    history.documents["notifications"][0]["seq"] = 1


@breaks("customer-imported 1 of customer:1 has no document", "import-customer bus-1")
def _i4_an_event_of_nothing(history: History) -> None:
    history.documents["relationships"] = []


@breaks("user-roles-changed 2 of user:1 differs from", "has the same id user:1#2")
def _i4_a_repetition_says_something_else(history: History) -> None:
    record = found(history, "user-roles-changed")
    again = replace(record, offset=90, value=(record.value or b"") + b" ")
    history.records.append(again)


@breaks("two events with one number", "ids user:1#2 and other", also="I5")
def _i4_two_events_have_one_number(history: History) -> None:
    record = found(history, "user-roles-changed")
    other = dict(record.message or {}, id="other")
    history.records.append(replace(record, offset=90, message=other, value=json.dumps(other).encode()))


@breaks("identity.events/0/90 is no event")
def _i4_something_else_is_in_the_topic(history: History) -> None:
    history.records.append(replace(history.of("identity.events")[0], partition=0, offset=90, message=None, value=b"?"))


@breaks("one cause, 2 events: customer-imported 1", "2 of customer:1, cause bus-1", "import-customer bus-1")
def _i5_a_cause_was_applied_twice(history: History) -> None:
    record = found(history, "customer-imported")
    message = dict(record.message or {}, id="customer:1#2", sequence="0000000002", data={})
    history.records.append(replace(record, offset=90, message=message, value=json.dumps(message).encode()))
    history.documents["relationships"][0]["seq"] = 2


@breaks("mail:m-1 of notifications has applied 5 of user:1 in identity.events, which ends at 4")
def _i5_a_document_has_applied_what_is_yet_to_come(history: History) -> None:
    history.documents["notifications"][0]["in"] = {source("identity.events", "user:1"): {"n": 5}}


@breaks("has applied 1 of a source that no topic has")
def _i5_a_document_has_applied_what_nobody_said(history: History) -> None:
    history.documents["notifications"][0]["in"] = {"0f0f": {"n": 1}}


@breaks("add-user key-1 to identity, sent 2 times, led to 2 events, not 1")
def _i5_a_command_sent_twice_made_two_users(history: History) -> None:
    user = found(history, "user-added")
    message = dict(user.message or {}, id="user:2#1", subject="user:2", partitionkey="user:2", causationid="http:1b")
    value = json.dumps(message).encode()
    history.records.append(replace(user, offset=90, key=b"user:2", message=message, value=value))
    history.documents["identity"].append({"_id": "user:2", "seq": 1})


@breaks("customer:1 of relationships is another one after its topics were read again; changed: in, v")
def _i5_reading_again_changed_a_document(history: History) -> None:
    history.before = {"relationships": [history.documents["relationships"][0] | {"v": 0, "in": {}}]}


@breaks("customer:1 of relationships is there since its topics were read again")
def _i5_reading_again_made_a_document(history: History) -> None:
    history.before = {"relationships": []}


@breaks("add-user key-1", "no mail to ute@unruh.example with 'Abschied' came, 1 others did")
def _i6_a_mail_never_came(history: History) -> None:
    history.ledger[0].mails = (ExpectedMail(EMAIL, "Abschied"),)


@breaks("mail-sent 2 of mail:m-1 says so, but no such mail arrived", "add-user key-1")
def _i6_a_mail_is_called_sent_and_was_not(history: History) -> None:
    history.mails.clear()


@breaks("mail m-1 has no end", "mail-queued 1 of mail:m-1", also="I2")
def _i6_a_mail_was_forgotten(history: History) -> None:
    without(history, [found(history, "mail-sent")])


@breaks("2 copies of 'Willkommen' to ute@unruh.example, <m-1@kontor.example>", "nothing befell")
def _i6_a_mail_came_twice(history: History) -> None:
    history.mails.append(replace(history.mails[0], at=history.mails[0].at + 1))


@breaks("say the same: <m-1@kontor.example>, <m-2@kontor.example>")
def _i6_a_mail_was_written_twice(history: History) -> None:
    history.mails.append(replace(history.mails[0], message_id="<m-2@kontor.example>"))


def _connected_twice(second: str) -> History:
    """One mail for each of two events, in the same words."""
    run = Run()
    for number, invitation in enumerate(("i-1", second), 1):
        data = {"invitation_id": invitation, "partnership_id": f"p.r{number}"}
        event = run.event(
            "relationships", f"partnership:p.r{number}", "partnership-established", data, f"http:{number}"
        )
        run.mail(f"m-{number}", event)
    for mail in run.history.mails:
        run.history.mails[run.history.mails.index(mail)] = replace(mail, text="Sie sind verbunden.")
    return run.over()


def test_the_same_words_about_another_invitation_are_another_mail() -> None:
    assert broken(_connected_twice("i-2")) == {}
    assert set(broken(_connected_twice("i-1"))) == {"I6"}


@breaks("user:1 of identity has", "most of them in 'state'")
def _i7_a_document_is_large(history: History) -> None:
    history.documents["identity"][0]["state"] = {"text": "x" * 64 * 1024}


@breaks("user:1 of identity has 257 events pending", also="I2")
def _i7_too_much_is_pending(history: History) -> None:
    history.documents["identity"][0]["out"] = [{"n": number} for number in range(257)]
    history.documents["identity"][0]["ob"] = {"from": 0}


@breaks("never became quiet")
def _i8_it_is_never_quiet(history: History) -> None:
    history.quiet = None


@breaks("quiet only after 60.5 s")
def _i8_it_is_quiet_too_late(history: History) -> None:
    history.quiet = history.ended + 60.5


@breaks("identity answered 200 to a stranger asking for /v1/users/1; of org-1")
def _i9_a_stranger_was_answered(history: History) -> None:
    history.probes.append(Probe(history.started, "identity", "/v1/users/1", "org-1", 200))


@breaks("user-roles-changed 2 of user:1 names tenant org-2, its document org-1", "change-roles key-2")
def _i9_a_message_names_another_organization(history: History) -> None:
    record = found(history, "user-roles-changed")
    put(history, record, message=dict(record.message or {}, tenantid="org-2"))


@pytest.mark.parametrize(("spoil", "invariant", "also", "words"), WAYS.cases)
def test_each_way_to_break_a_promise_is_found(
    spoil: Spoil, invariant: str, also: list[str], words: tuple[str, ...]
) -> None:
    find(spoil, invariant, also, words)


def test_there_is_a_way_for_every_promise() -> None:
    assert {case.values[1] for case in WAYS.cases} == {*INVARIANTS[:9]}, "the others: test_reliability_consuming.py"


def test_a_surprise_comes_with_what_was_logged_about_it_and_nothing_else() -> None:
    lines = [
        {"level": "error", "event": "request_failed", "correlation_id": "c1", "exception": "KeyError: 'x'"},
        {"level": "info", "event": "request", "correlation_id": "c1"},
        {"level": "error", "event": "another's", "correlation_id": "c2"},
    ]
    log = "".join(json.dumps(line) + "\n" for line in lines) + '{"level": "error", "correlation_id": "c1", "ev'
    answer = '500 {"code":"internal","correlation_id":"c1"}'
    assert explained(answer, {"identity-1": log}) == f"{answer}\nidentity-1: request_failed\nKeyError: 'x'"
    assert explained("no answer", {"identity-1": log}) == "no answer"


@pytest.mark.parametrize(
    ("commands", "kinds", "enough"), [(2, ["C1", "C3"], True), (1, ["C1", "C3"], False), (2, ["C1", "C1"], False)]
)
def test_a_run_lasts_until_enough_is_acknowledged_and_has_crashed(
    commands: int, kinds: list[str], enough: bool
) -> None:
    entries = [
        Entry(f"e{n}", "invite", "relationships", "", 0.0, acknowledged=1.0 if n < commands else None) for n in range(5)
    ]
    faults = [Fault(0.0, f"crash:{kind}", "identity-1") for kind in kinds] + [Fault(0.0, "kill", "identity-1")]
    assert is_enough(Plan("s", 1.0, ("crash",), commands=2, crashes=2), entries, faults) is enough
