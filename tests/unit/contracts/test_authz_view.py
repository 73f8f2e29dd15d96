"""A view of ``relationships.snapshot`` in memory: what it answers, what it passes over, how it is saved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kontor_contracts import MalformedError, Payload, encode, new_envelope
from kontor_contracts.authz import View
from kontor_contracts.authz.reader import LONGEST_AWAY, is_usable
from kontor_contracts.authz.view import SavedView
from kontor_contracts.relationships import CustomerSnapshot, Edge, EdgeGrant, PartnershipSnapshot, PartnerSnapshot

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
PARTNER, OTHER, CUSTOMER = "org-1", "org-2", "cust-1"
GRANT = EdgeGrant(grant_id="g-1", roles=("user-administrator",), expires_at=NOW + timedelta(days=1))


def edge(partner_id: str, *permissions: str, grants: tuple[EdgeGrant, ...] = ()) -> Edge:
    return Edge.model_validate(
        {"partner_id": partner_id, "permissions": permissions, "version": 2, "since": NOW, "grants": grants}
    )


def put(view: View, key: str, sequence: int, data: Payload | None, **attributes: Any) -> None:
    if data is None:
        view.apply(key.encode(), None, [("sequence", b"%010d" % sequence)])
        return
    facts = {"source": "/kontor/relationships", "time": NOW, "correlationid": "c", **attributes}
    message = new_envelope(data, id=f"{key}-{sequence}", subject=key, sequence=sequence, **facts)
    view.apply(key.encode(), *encode(message))


def customer(*edges: Edge, id: str = CUSTOMER) -> CustomerSnapshot:
    return CustomerSnapshot(customer_id=id, edges=edges)


@pytest.fixture
def view() -> View:
    made = View()
    put(made, f"partner:{PARTNER}", 1, PartnerSnapshot(organization_id=PARTNER, partner_id="4711"))
    put(made, f"partner:{OTHER}", 1, PartnerSnapshot(organization_id=OTHER, partner_id="4712"))
    put(made, f"customer:{CUSTOMER}", 3, customer(edge("4711", "order", grants=(GRANT,)), edge("4712", "administer")))
    pair = PartnershipSnapshot(
        partnership_id=f"{PARTNER}.{OTHER}",
        provider_id=PARTNER,
        reseller_id=OTHER,
        active=True,
        since=NOW,
        admin_access=False,
    )
    put(made, f"partnership:{PARTNER}.{OTHER}", 1, pair)
    return made


@pytest.mark.parametrize(
    ("who", "action", "about", "answer"),
    [
        (PARTNER, "order", CUSTOMER, (True, "granted", f"{CUSTOMER}.4711", 2, None)),
        (PARTNER, "view", CUSTOMER, (True, "granted", f"{CUSTOMER}.4711", 2, None)),
        (PARTNER, "administer-users", CUSTOMER, (True, "granted", f"{CUSTOMER}.4711", 2, "g-1")),
        (PARTNER, "administer", CUSTOMER, (False, "not-permitted", f"{CUSTOMER}.4711", 2, None)),
        (PARTNER, "order", "cust-9", (False, "no-relationship", None, None, None)),
        ("org-9", "order", CUSTOMER, (False, "partner-not-active", None, None, None)),
    ],
)
def test_a_view_answers_with_reason_and_edge(view: View, who: str, action: Any, about: str, answer: Any) -> None:
    assert view.may(who, action, about, at=NOW) == answer


def test_a_grant_counts_until_it_expires(view: View) -> None:
    later = view.may(PARTNER, "administer-users", CUSTOMER, at=GRANT.expires_at)
    assert (later.allowed, later.reason) == (False, "not-permitted")


def test_a_view_lists_both_ways(view: View) -> None:
    put(view, "customer:cust-0", 1, customer(edge("4711", "order"), id="cust-0"))
    assert view.customers_of(PARTNER) == ["cust-0", CUSTOMER]
    assert view.partners_of(CUSTOMER) == ["4711", "4712"]
    assert (view.customers_of("org-9"), view.partners_of("cust-9"), view.edges) == ([], [], 3)
    found = view.partnership(PARTNER, OTHER)
    assert found is not None and found.active
    assert view.partnership(OTHER, PARTNER) is None


def test_an_edge_that_is_not_there_any_more_has_ended(view: View) -> None:
    put(view, f"customer:{CUSTOMER}", 4, customer(edge("4712", "administer")))
    assert view.may(PARTNER, "order", CUSTOMER).reason == "no-relationship"
    assert view.customers_of(PARTNER) == []
    assert view.customers_of(OTHER) == [CUSTOMER]


def test_a_tombstone_ends_a_customer_a_partner_and_a_partnership(view: View) -> None:
    for key in (f"customer:{CUSTOMER}", f"partner:{PARTNER}", f"partnership:{PARTNER}.{OTHER}"):
        put(view, key, 5, None)
    assert view.may(PARTNER, "order", CUSTOMER).reason == "partner-not-active"
    assert view.may(OTHER, "administer", CUSTOMER).reason == "no-relationship"
    assert (view.partners_of(CUSTOMER), view.customers_of(OTHER), view.edges) == ([], [], 0)
    assert view.partnership(PARTNER, OTHER) is None


def test_a_late_copy_changes_nothing(view: View) -> None:
    put(view, f"customer:{CUSTOMER}", 2, customer(edge("4711", "administer")))
    put(view, f"customer:{CUSTOMER}", 1, None)
    assert view.may(PARTNER, "administer", CUSTOMER).reason == "not-permitted"
    put(view, f"customer:{CUSTOMER}", 6, None)
    put(view, f"customer:{CUSTOMER}", 5, customer(edge("4711", "administer")))
    assert view.may(PARTNER, "administer", CUSTOMER).reason == "no-relationship"
    put(view, f"customer:{CUSTOMER}", 7, customer(edge("4711", "administer")))
    assert view.may(PARTNER, "administer", CUSTOMER).allowed


def test_a_view_passes_over_what_it_does_not_know(view: View) -> None:
    put(view, "shelf:1", 1, PartnerSnapshot(organization_id="org-9", partner_id="4719"))
    put(view, "partner:org-9", 1, PartnerSnapshot(organization_id="org-9", partner_id="4719"), source="/portals/x")
    view.apply(None, None, [])
    assert view.partner_id_of("org-9") is None
    with pytest.raises(MalformedError):
        view.apply(b"partner:org-9", b"{", [])
    with pytest.raises(ValueError, match="action: sing is none"):
        view.may(PARTNER, "sing", CUSTOMER)  # type: ignore[arg-type]


def test_a_saved_view_answers_as_before(view: View, tmp_path: Path) -> None:
    put(view, "customer:gone", 4, None)
    view.save(tmp_path / "view", {0: 7, 11: 3}, NOW)
    loaded, saved = View.load(tmp_path / "view")
    assert saved == SavedView({0: 7, 11: 3}, NOW)
    for action in ("order", "administer-users", "administer", "view"):
        asked: Any = (PARTNER, action, CUSTOMER)
        assert loaded.may(*asked, at=NOW) == view.may(*asked, at=NOW)
    assert loaded.customers_of(OTHER) == [CUSTOMER]
    assert loaded.partnership(PARTNER, OTHER) == view.partnership(PARTNER, OTHER)
    # What it knew of the end of a customer is not forgotten.
    put(loaded, "customer:gone", 3, customer(edge("4711", "order"), id="gone"))
    assert loaded.partners_of("gone") == []
    (tmp_path / "other").write_text("{}")
    with pytest.raises(ValueError, match="no saved view of this release"):
        View.load(tmp_path / "other")


def test_a_view_that_may_have_missed_tombstones_is_not_used() -> None:
    assert is_usable(SavedView({}, NOW), NOW + LONGEST_AWAY - timedelta(seconds=1))
    assert not is_usable(SavedView({}, NOW), NOW + LONGEST_AWAY)
