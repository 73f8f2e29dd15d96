"""Companies as the directory knows them, and the partnerships between them."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

from pydantic import TypeAdapter
from unit.relationships.people import NOW, PROVIDER, RESELLER

from kontor_contracts.relationships import PartnerListed, PartnershipEstablished
from kontor_contracts.values import Id
from relationships.documents import PARTNERSHIP
from relationships.domain import partner as domain_partner
from relationships.domain import partnership_decide as domain_partnership
from relationships.domain.partner import ListPartner
from relationships.domain.partnership import EstablishPartnership, State, active_partnership, partnership_id

ESTABLISH = EstablishPartnership(provider=PROVIDER, reseller=RESELLER, invitation_id="i1", at=NOW)
LIST = ListPartner(PROVIDER, "DE", "europe")


def test_an_active_company_is_listed_and_announced() -> None:
    (fact,) = domain_partner.decide(LIST, domain_partner.State())
    assert isinstance(fact, PartnerListed)
    assert (fact.partner, fact.country, fact.region) == (PROVIDER, "DE", "europe")


def test_a_company_listed_again_changes_only_by_newer_facts() -> None:
    state = reduce(domain_partner.evolve, domain_partner.decide(LIST, domain_partner.State()), domain_partner.State())
    assert domain_partner.decide(LIST, state) == []
    renamed = replace(LIST, partner=PROVIDER.model_copy(update={"name": "Großhandel Süd AG"}))
    (fact,) = domain_partner.decide(renamed, state)
    assert isinstance(fact, PartnerListed) and fact.partner.name == "Großhandel Süd AG"


def test_a_partnership_begins_with_administrator_access_for_the_provider() -> None:
    facts = domain_partnership.decide(ESTABLISH, State())
    announced = PartnershipEstablished(
        partnership_id="prov.res",
        provider=PROVIDER,
        reseller=RESELLER,
        admin_access=True,
        invitation_id="i1",
        since=NOW,
    )
    assert facts == [announced]
    partnership = reduce(domain_partnership.evolve, facts, State()).partnership
    assert partnership is not None
    assert (partnership.since, partnership.admin_access) == (NOW, True)


def test_a_second_invitation_between_the_same_two_changes_nothing() -> None:
    state = reduce(domain_partnership.evolve, domain_partnership.decide(ESTABLISH, State()), State())
    assert domain_partnership.decide(replace(ESTABLISH, invitation_id="i2"), state) == []


def ended(state: State) -> State:
    assert state.partnership is not None
    return State(replace(state.partnership, status="ended"))


def test_an_ended_partnership_does_not_connect() -> None:
    state = reduce(domain_partnership.evolve, domain_partnership.decide(ESTABLISH, State()), State())
    assert active_partnership(state) == state.partnership
    assert active_partnership(ended(state)) is None
    assert active_partnership(None) is active_partnership(State()) is None


def test_an_ended_partnership_begins_again_by_another_invitation_only() -> None:
    state = ended(reduce(domain_partnership.evolve, domain_partnership.decide(ESTABLISH, State()), State()))
    assert domain_partnership.decide(ESTABLISH, state) == []
    again = replace(ESTABLISH, invitation_id="i2", at=NOW + timedelta(days=1))
    begun = active_partnership(reduce(domain_partnership.evolve, domain_partnership.decide(again, state), state))
    assert begun is not None and (begun.since, begun.invitation_id) == (again.at, "i2")


def test_only_an_active_company_is_a_partner() -> None:
    state = reduce(domain_partner.evolve, domain_partner.decide(LIST, domain_partner.State()), domain_partner.State())
    assert domain_partner.active_partner_id(state) == PROVIDER.partner_id
    assert state.company is not None
    suspended = domain_partner.State(replace(state.company, status="suspended"))
    assert domain_partner.active_company(suspended) is None
    assert domain_partner.active_partner_id(suspended) is None
    assert domain_partner.active_company(None) is domain_partner.active_company(domain_partner.State()) is None


def test_the_document_of_a_pair_has_an_id_that_fits_into_a_message() -> None:
    uuid = "6f0c6a3e-7b1d-5d0e-9a55-2d6b1c0f4e11"
    TypeAdapter(Id).validate_python(PARTNERSHIP.id(partnership_id(uuid, uuid)))


def test_the_pair_has_a_direction() -> None:
    assert partnership_id("a", "b") != partnership_id("b", "a")
