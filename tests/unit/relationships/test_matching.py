"""An imported customer and a customer that signed up are one: what is compared, the move, and the way back."""

from dataclasses import replace
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.relationships.people import CUSTOMER_CONTACT, NOW, OTHER_RESELLER, PROVIDER, RESELLER, grants_of

from kontor_contracts import Event
from kontor_contracts.customer_matches import (
    CustomerMatched,
    CustomerMatchUndone,
    ImportedCustomerRestored,
    PortalMessagePassedOn,
    RelationshipsMoved,
)
from kontor_contracts.relationships import CustomerImported
from kontor_contracts.values import Partner
from relationships.documents import CUSTOMER
from relationships.domain.customer.commands import (
    ApplyPassedOn,
    AuthorizeResellers,
    Command,
    EndRelationship,
    ImportCustomer,
    MatchCustomer,
    NameChannel,
    ReportSubscriptions,
    RestoreImported,
    TakeOver,
    UndoMatch,
)
from relationships.domain.customer.decide import decide
from relationships.domain.customer.evolve import Fact, evolve
from relationships.domain.customer.likeness import Company, likeness, name_words
from relationships.domain.customer.refusals import RelationshipRefused
from relationships.domain.customer.state import (
    MOST_MATCHES,
    MOST_PARTNERS,
    UNDO_WITHIN,
    Account,
    Relationship,
    State,
    holds_grant,
    known,
    moving,
)

IMPORTED = Account(customer_id="imp", name="Bäckerei Süß GmbH", country="DE", portal="office", external_id="K-1")


# -- what is compared


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Müller & Söhne GmbH & Co. KG", ("muller", "sohne")),
        ("MÜLLER und SÖHNE", ("muller", "sohne")),
        ("Köhler e.K.", ("kohler",)),
        ("Acme Ltd.", ("acme",)),
        ("ACME, Inc.", ("acme",)),
        ("Groß Sp. z o.o.", ("gross",)),
        ("AG", ("ag",)),
        ("Straßenbau", ("strassenbau",)),
        ("UG (haftungsbeschränkt)", ("ug", "haftungsbeschrankt")),
        ("Nordlicht UG (haftungsbeschränkt)", ("nordlicht",)),
    ],
)
def test_a_name_is_compared_without_case_accents_and_legal_form(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words


@pytest.mark.parametrize(
    ("account", "company", "basis"),
    [
        (IMPORTED, Company("Bäckerei Süß KG", "DE"), "name"),
        (IMPORTED, Company("BACKEREI SUSS", "DE"), "name"),
        (IMPORTED, Company("Bäckerei Süß KG", "AT"), None),
        (IMPORTED, Company("Bäckerei Süß Filiale Nord", "DE"), None),
        (IMPORTED, Company("Bäckerei", "DE"), None),
        (replace(IMPORTED, domain="suess.example"), Company("Süße Sachen", "DE", {"suess.example"}), "domain"),
        (replace(IMPORTED, domain="suess.example"), Company("Süße Sachen", "DE"), None),
        (replace(IMPORTED, domain="suess.example"), Company("Süße Sachen", "AT", {"suess.example"}), None),
        (replace(IMPORTED, portal=None), Company("Bäckerei Süß GmbH", "DE"), None),
    ],
)
def test_a_proposal_needs_the_country_and_the_name_or_domain(
    account: Account, company: Company, basis: str | None
) -> None:
    assert likeness(account, company) == basis


# -- both customers, with the events between them


class Both:
    """The imported customer and the one with a work account. An event of one becomes the command on the other."""

    def __init__(self) -> None:
        self.imported = State()
        self.own = State()
        self.at = NOW
        self.events: list[Event] = []

    def on_imported(self, command: Command) -> list[Fact]:
        facts = decide(command, self.imported)
        self.imported = reduce(evolve, facts, self.imported)
        self._follow(facts)
        return facts

    def on_own(self, command: Command) -> list[Fact]:
        facts = decide(command, self.own)
        self.own = reduce(evolve, facts, self.own)
        self._follow(facts)
        return facts

    def _follow(self, facts: list[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Event):
                self.events.append(fact)
            match fact:
                case CustomerMatched():
                    assert self.imported.account is not None
                    self.on_own(taking_over(fact, self.imported))
                case CustomerMatchUndone():
                    self.on_imported(RestoreImported(customer_id="cust", returned=fact.returned, at=fact.undone_at))
                case PortalMessagePassedOn():
                    self.on_own(ApplyPassedOn(message=fact))

    def importing(self, partner: Partner, *permissions: str) -> list[Fact]:
        return self.on_imported(
            ImportCustomer(
                customer_id="imp",
                portal="office",
                external_id="K-1",
                name="Bäckerei Süß GmbH",
                country="DE",
                partner_id=partner.partner_id,
                permissions=permissions or ("administer",),  # type: ignore[arg-type]
                at=self.at,
            )
        )

    def accept(self, *partners: Partner, invitation_id: str = "i1") -> list[Fact]:
        return self.on_own(
            AuthorizeResellers(
                customer_id="cust",
                name="Bäckerei Süß KG",
                country="DE",
                contact=CUSTOMER_CONTACT,
                contact_user="u2",
                partners=partners,
                invitation_id=invitation_id,
                at=self.at,
            )
        )

    def report(self, partner: Partner, active: int) -> list[Fact]:
        return self.on_imported(
            ReportSubscriptions(
                customer_id="imp", partner_id=partner.partner_id, portal="office", active=active, at=self.at
            )
        )

    def match(self, **changes: object) -> list[Fact]:
        command = MatchCustomer(
            customer_id="cust",
            customer_name="Bäckerei Süß KG",
            country="DE",
            contact=CUSTOMER_CONTACT,
            user_id="u2",
            invitation_id="i1",
            partners=(RESELLER,),
            at=self.at,
        )
        return self.on_imported(replace(command, **changes))  # type: ignore[arg-type]

    def undo(self, **changes: object) -> list[Fact]:
        command = UndoMatch(
            imported_id="imp", by="customer", user_id="u2", partner_id=None, partners=(RESELLER,), at=self.at
        )
        return self.on_own(replace(command, **changes))  # type: ignore[arg-type]

    def end(self, partner: Partner) -> list[Fact]:
        return self.on_own(
            EndRelationship(partner_id=partner.partner_id, by="customer", user_id="u2", reason=None, at=self.at)
        )

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)

    def rights(self) -> dict[str, dict[str, tuple[str, ...]] | None]:
        return {"imp": grants_of(self.imported), "cust": grants_of(self.own)}  # type: ignore[dict-item]


def taking_over(event: CustomerMatched, imported: State) -> TakeOver:
    return TakeOver(
        customer_id=event.customer_id,
        customer_name=event.customer_name,
        partners=event.partners,
        imported_id=event.imported_id,
        imported_name=event.imported_name,
        portal=event.portal,
        external_id=event.external_id,
        relationships=moving(imported),
        matched_at=event.matched_at,
        undo_until=event.undo_until,
    )


def without_versions(state: State) -> State:
    """Versions count on, so that a right that went and came back differs from one that stayed."""
    plain = tuple(replace(one, version=0) for one in state.relationships)
    return replace(state, relationships=plain, unmatched=())


def refusal(facts: list[Fact]) -> str:
    (refused,) = facts
    assert isinstance(refused, RelationshipRefused)
    return refused.reason


@pytest.fixture
def both() -> Both:
    """Imported for two partners; one of them invited the customer, which accepted."""
    both = Both()
    both.importing(RESELLER, "administer")
    both.importing(OTHER_RESELLER, "administer", "order")
    both.report(OTHER_RESELLER, 3)
    both.later(days=10)
    both.accept(RESELLER)
    return both


def test_a_match_moves_all_partners_and_leaves_no_right_behind(both: Both) -> None:
    both.match()
    assert both.rights() == {
        "imp": {},
        "cust": {"471101": ("administer",), "471102": ("administer", "order")},
    }
    other = known(both.own, "471102")
    assert other is not None and other.active_subscriptions == 3 and other.since == NOW
    assert CUSTOMER.listed is not None and CUSTOMER.listed(both.imported) is None
    moved = next(one for one in both.events if isinstance(one, RelationshipsMoved))
    assert {one.partner_id for one in moved.moved} == {"471101", "471102"}
    for state in (both.imported, both.own):
        assert CUSTOMER.parse(CUSTOMER.dump(state)) == state


def test_an_undone_match_gives_both_back_as_they_were(both: Both) -> None:
    before = without_versions(both.own), without_versions(both.imported), both.rights()
    both.match()
    both.later(days=29)
    both.undo()
    assert (without_versions(both.own), without_versions(both.imported), both.rights()) == before
    assert any(isinstance(one, ImportedCustomerRestored) for one in both.events)


def test_a_match_is_undone_within_thirty_days_and_no_later(both: Both) -> None:
    both.match()
    both.later(seconds=UNDO_WITHIN.total_seconds())
    assert refusal(both.undo()) == "match-final"
    assert refusal(both.undo(partner_id=RESELLER.partner_id, by="partner")) == "match-final"
    both.undo(by="program")
    assert both.own.matches == ()


def test_only_a_partner_that_moved_can_undo_it(both: Both) -> None:
    both.match()
    assert refusal(both.undo(by="partner", partner_id=PROVIDER.partner_id)) == "match-unknown"
    assert refusal(both.undo(imported_id="other")) == "match-unknown"
    both.undo(by="partner", partner_id=OTHER_RESELLER.partner_id)
    assert refusal(both.undo()) == "match-unknown"


@pytest.mark.parametrize(
    "changes", [{"proposed": False}, {"country": "AT"}], ids=["nothing in common", "another country"]
)
def test_a_match_that_was_not_proposed_is_refused(both: Both, changes: dict[str, object]) -> None:
    assert refusal(both.match(**changes)) == "no-match-proposed"
    assert both.match(quiet=True, **changes) == []
    assert both.imported.matched is None


def test_a_customer_with_a_work_account_is_matched_into_no_other(both: Both) -> None:
    command = MatchCustomer(
        customer_id="other",
        customer_name="Andere",
        country="DE",
        contact=None,
        user_id="u2",
        invitation_id=None,
        partners=(),
        at=NOW,
    )
    assert refusal(both.on_own(command)) == "no-match-proposed"
    both.match()
    assert refusal(both.on_imported(command)) == "no-match-proposed"
    assert both.match() == []


def test_what_the_customer_had_ended_does_not_come_back_by_a_match(both: Both) -> None:
    both.accept(OTHER_RESELLER, invitation_id="i2")
    both.later(days=1)
    both.end(OTHER_RESELLER)
    both.match()
    assert both.rights() == {"imp": {}, "cust": {"471101": ("administer",)}}
    both.undo()
    assert both.rights()["imp"] == {"471101": ("administer",), "471102": ("administer", "order")}


def test_what_was_ended_since_stays_ended_when_the_match_is_undone(both: Both) -> None:
    both.match()
    both.report(OTHER_RESELLER, 0)
    both.later(days=1)
    both.end(OTHER_RESELLER)
    both.later(days=1)
    both.undo()
    assert both.rights() == {"imp": {"471101": ("administer",)}, "cust": {"471101": ("administer",)}}
    ended = known(both.imported, "471102")
    assert ended is not None and not ended.holds
    # A portal that goes on sending does not bring it back.
    both.importing(OTHER_RESELLER)
    assert "471102" not in (both.rights()["imp"] or {})


def test_an_invitation_accepted_since_outlives_the_match(both: Both) -> None:
    both.match()
    both.later(days=1)
    both.accept(OTHER_RESELLER, invitation_id="i2")
    both.undo()
    assert both.rights() == {
        "imp": {"471101": ("administer",), "471102": ("administer", "order")},
        "cust": {"471101": ("administer",), "471102": ("administer",)},
    }
    kept = known(both.own, "471102")
    assert kept is not None and kept.since == both.at and kept.active_subscriptions == 0


def test_portals_go_on_with_the_imported_customer(both: Both) -> None:
    both.match()
    both.report(OTHER_RESELLER, 5)
    facts = both.importing(PROVIDER, "order")
    assert isinstance(facts[0], PortalMessagePassedOn)
    assert both.rights()["cust"] == {
        "471101": ("administer",),
        "471102": ("administer", "order"),
        "520001": ("order",),
    }
    told = next(one for one in both.events if isinstance(one, CustomerImported) and one.partner_id == "520001")
    assert (told.customer_id, told.external_id) == ("cust", "K-1")
    assert both.own.account is not None and both.own.account.name == "Bäckerei Süß KG"
    both.undo()
    assert both.rights() == {
        "imp": {"471101": ("administer",), "471102": ("administer", "order"), "520001": ("order",)},
        "cust": {"471101": ("administer",)},
    }
    assert sum(one.active_subscriptions for one in both.imported.relationships) == 5


def test_a_matched_customer_takes_no_other_commands(both: Both) -> None:
    both.match()
    end = EndRelationship(partner_id="471102", by="partner", user_id="u", reason=None, at=both.at)
    assert refusal(both.on_imported(end)) == "no-relationship"
    assert refusal(both.on_imported(NameChannel("471102", "referral"))) == "no-relationship"


def test_a_match_without_room_gives_the_rights_back(both: Both) -> None:
    full = tuple(
        Relationship(partner_id=f"9{number:05}", permissions=("order",), since=NOW)
        for number in range(MOST_PARTNERS - 1)
    )
    both.own = replace(both.own, relationships=(*both.own.relationships, *full))
    before = both.rights()
    both.match()
    assert both.rights() == before
    undone = next(one for one in both.events if isinstance(one, CustomerMatchUndone))
    assert (undone.undone_by, undone.partners) == ("program", (RESELLER,))


def test_a_customer_has_a_bounded_number_of_matches(both: Both) -> None:
    both.match()
    (found,) = both.own.matches
    both.undo()
    both.own = replace(both.own, matches=tuple(replace(found, imported_id=f"i{n}") for n in range(MOST_MATCHES)))
    both.match()
    assert both.imported.matched is None and len(both.own.matches) == MOST_MATCHES


# -- whatever happens


steps = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.sampled_from([RESELLER, OTHER_RESELLER, PROVIDER])),
        st.tuples(st.just("report"), st.sampled_from([RESELLER, OTHER_RESELLER])),
        st.tuples(st.just("accept"), st.sampled_from([RESELLER, OTHER_RESELLER, PROVIDER])),
        st.tuples(st.just("end"), st.sampled_from([RESELLER, OTHER_RESELLER, PROVIDER])),
        st.tuples(st.just("match"), st.just(RESELLER)),
        st.tuples(st.just("undo"), st.just(RESELLER)),
    ),
    max_size=14,
)


def play(both: Both, what: str, partner: Partner, number: int) -> None:
    both.later(hours=1)
    match what:
        case "import":
            both.importing(partner, "administer")
        case "report":
            both.report(partner, number % 3)
        case "accept":
            both.accept(partner, invitation_id=f"i{number}")
        case "end":
            both.end(partner)
        case "match":
            both.match()
        case "undo":
            both.undo()


@given(steps)
def test_no_partner_has_a_right_twice_and_no_end_is_taken_back(history: list[tuple[str, Partner]]) -> None:
    both, ended = Both(), set[str]()
    both.accept(RESELLER, invitation_id="i0")
    for number, (what, partner) in enumerate(history, 1):
        matched = both.imported.matched is not None
        now = known(both.own, partner.partner_id)
        free = what == "end" and now is not None and now.holds and not now.active_subscriptions
        play(both, what, partner, number)
        if free and matched:
            ended.add(partner.partner_id)
        if what == "accept":
            ended.discard(partner.partner_id)
        imported, own = grants_of(both.imported) or {}, grants_of(both.own) or {}
        assert (both.imported.matched is not None) == (len(both.own.matches) == 1)
        if both.imported.matched is not None:
            assert imported == {}
        assert not ended & own.keys()
        assert CUSTOMER.parse(CUSTOMER.dump(both.own)) == both.own
        assert CUSTOMER.parse(CUSTOMER.dump(both.imported)) == both.imported


def test_counts_of_an_undone_match_stay_with_no_partner_of_the_account() -> None:
    both = Both()
    both.accept(RESELLER, invitation_id="i0")
    both.importing(RESELLER)
    both.accept(OTHER_RESELLER, invitation_id="i1")
    both.match()
    both.report(OTHER_RESELLER, 1)
    both.undo()
    assert [one.subscriptions for one in both.own.relationships] == [(), ()]


@given(steps)
@example(
    [
        ("import", RESELLER),
        ("accept", OTHER_RESELLER),
        ("match", RESELLER),
        ("report", OTHER_RESELLER),
        ("undo", RESELLER),
        ("import", OTHER_RESELLER),
    ]
)
def test_a_match_undone_at_once_changes_nothing(history: list[tuple[str, Partner]]) -> None:
    both = Both()
    both.accept(RESELLER, invitation_id="i0")
    both.importing(RESELLER)
    for number, (what, partner) in enumerate(history, 1):
        play(both, what, partner, number)
    if both.imported.matched is not None:
        both.undo()
    before = without_versions(both.own), without_versions(both.imported), both.rights()
    both.match()
    both.undo()
    assert (without_versions(both.own), without_versions(both.imported), both.rights()) == before
    assert not holds_grant(both.own, "none")
