"""May a provider name a reseller on a subscription: the first thing that is wrong."""

from dataclasses import replace

import pytest
from unit.relationships.people import NOW, PROVIDER, RESELLER

from relationships.domain.customer.state import MatchedInto, Relationship
from relationships.domain.customer.state import State as CustomerState
from relationships.domain.partner import Company, State
from relationships.domain.partnership import Partnership
from relationships.domain.partnership import State as PairState
from relationships.domain.record.judging import Reason, judged

NORD = Company(PROVIDER, "DE", "europe")
MUELLER = Company(RESELLER, "DE", "europe")
PAIR = Partnership(
    partnership_id="prov.res", provider=PROVIDER, reseller=RESELLER, admin_access=False, since=NOW, invitation_id="i1"
)


def works_with(*partner_ids: str) -> CustomerState:
    return CustomerState(
        relationships=tuple(Relationship(partner_id=id, permissions=("order",), since=NOW) for id in partner_ids)
    )


BOTH = works_with(PROVIDER.partner_id, RESELLER.partner_id)


@pytest.mark.parametrize(
    ("reseller", "pair", "customer", "reason"),
    [
        (MUELLER, PAIR, BOTH, "valid"),
        (None, PAIR, BOTH, "partner-id-unknown"),
        (NORD, PAIR, BOTH, "not-a-reseller"),
        (replace(MUELLER, status="suspended"), PAIR, BOTH, "reseller-not-active"),
        (replace(MUELLER, closed=True), PAIR, BOTH, "reseller-not-active"),
        (replace(MUELLER, region="africa"), PAIR, BOTH, "region-differs"),
        (MUELLER, None, BOTH, "partnership-missing"),
        (MUELLER, replace(PAIR, status="ended"), BOTH, "partnership-missing"),
        (MUELLER, replace(PAIR, status="suspended"), BOTH, "partnership-missing"),
        (MUELLER, PAIR, works_with(RESELLER.partner_id), "customer-not-shared"),
        (MUELLER, PAIR, works_with(PROVIDER.partner_id), "customer-not-shared"),
        (MUELLER, PAIR, None, "customer-not-shared"),
    ],
)
def test_a_reseller_of_record_is_judged_by_what_holds(
    reseller: Company | None, pair: Partnership | None, customer: CustomerState | None, reason: Reason
) -> None:
    assert judged(NORD, State(reseller), PairState(pair), customer, for_customer=True) == reason


def test_an_imported_customer_that_is_matched_is_shared_by_nobody() -> None:
    matched = replace(BOTH, matched=MatchedInto(customer_id="c-2", matched_at=NOW))
    assert judged(NORD, State(MUELLER), PairState(PAIR), matched, for_customer=True) == "customer-not-shared"


def test_without_a_customer_the_partnership_decides() -> None:
    assert judged(NORD, State(MUELLER), PairState(PAIR), None, for_customer=False) == "valid"
