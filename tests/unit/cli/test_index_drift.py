"""Indexes that are missing, differ or are unused are named, with what can be done about them."""

from kontor_cli.index_drift import drift
from kontor_cli.indexes import wanted
from kontor_contracts.topics import SERVICES

OUTBOX = {"name": "outbox", "key": [["ob.at", 1]], "unique": False, "sparse": True}
EMAIL = {"name": "uk_email", "key": [["uk.email", 1]], "unique": True, "sparse": True}
OLD = {"name": "old", "key": [["state.gone", 1]], "unique": False, "sparse": False}


def test_indexes_that_are_as_needed_are_no_difference() -> None:
    assert drift([OUTBOX, EMAIL], [EMAIL, OUTBOX | {"key": [["ob.at", 1.0]]}]) == []


def test_missing_and_unused_indexes_are_named() -> None:
    missing, unused = drift([OUTBOX, EMAIL], [OUTBOX, OLD])
    assert (missing.name, missing.state, missing.index) == ("uk_email", "missing", EMAIL)
    assert (unused.name, unused.state) == ("old", "unused")
    assert "--drop old" in unused.remedy


def test_an_index_with_other_fields_or_options_differs() -> None:
    for changed in ({"unique": False}, {"sparse": False}, {"key": [["uk.email", -1]]}):
        (one,) = drift([EMAIL], [EMAIL | changed])
        assert (one.name, one.state) == ("uk_email", "differs")


def test_every_service_has_its_list_of_indexes() -> None:
    for service in SERVICES:
        names = [one["name"] for one in wanted(service)]
        assert {"outbox", "timers", "kind"} <= set(names)
        assert len(names) == len(set(names))
