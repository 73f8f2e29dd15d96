"""The whole graph of partners and customers against a plain model, over random histories.

The documents change by the real decisions, and the real reactions pass what one document announces on to the others. Messages
of one document arrive in order; those of different documents in any order, and some acceptances arrive twice. At every
moment checks and lists must say what the model says, and a joint acceptance gives both relationships or none.
KONTOR_GRAPH_HISTORIES sets how many histories are tried, other ones in each run.
"""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit.relationships.graph_model import Model
from unit.relationships.graph_world import World, done
from unit.relationships.people import CUSTOMER_CONTACT, NOW, PROVIDER, RESELLER

from chassis import Cause, MongoStore
from chassis.consumer.reactions import dispatches_of
from kontor_contracts import Envelope, Event
from kontor_contracts.admin_grants import AdminGrantApproved, AdminGrantExtended, GrantTerms
from kontor_contracts.authz.rules import Verdict, verdict_on
from kontor_contracts.customers import Action, EndedBy
from kontor_contracts.enrollment import EnrollmentActivated, EnrollmentReinstated, EnrollmentSuspended
from kontor_contracts.identity import OrganizationClosed, OrganizationReopened
from kontor_contracts.relationships import InvitationAccepted, InvitationKind
from kontor_contracts.values import Partner
from relationships import lookups
from relationships.admin_grants import grant_timer
from relationships.customer_imports import CustomerImports
from relationships.documents import ADMIN_GRANT, CUSTOMER, PARTNER, PARTNERSHIP
from relationships.domain.admin_grant.commands import ApproveGrant, EndGrant, RequestGrant
from relationships.domain.admin_grant.state import AdminGrant, due
from relationships.domain.check import held_by
from relationships.domain.customer.commands import DropGrant, EndRelationship, ReportSubscriptions
from relationships.domain.customer.listing import list_key, listing, right_key
from relationships.domain.customer.state import works_with
from relationships.domain.partner import active_partner_id
from relationships.domain.partnership import EndPartnership, partnership_id, present_partnership
from relationships.portals import Portals
from relationships.subscribers import reactions

ASKED_FOR = os.environ.get("KONTOR_GRAPH_HISTORIES")
RESELLERS = [RESELLER.model_copy(update={"organization_id": f"res{n}", "partner_id": f"47110{n}"}) for n in range(2)]
PROVIDERS = [PROVIDER]
PARTNERS = [*RESELLERS, *PROVIDERS]
CUSTOMERS = ["cust0", "cust1"]
ORGANIZATIONS = [*CUSTOMERS, *(partner.organization_id for partner in PARTNERS)]
ACTIONS: Sequence[Action] = get_args(Action)
BYS: Sequence[EndedBy] = ("customer", "partner", "program")
PLACE: dict[str, Any] = {"enrollment_id": "e", "country": "DE", "region": "europe"}


class Graph(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world, self.model = World(NOW), Model()
        self.store = cast("MongoStore", self.world)
        self.on = reactions(
            self.store,
            CustomerImports(self.store, Portals(None), lambda: self.world.now),
            Portals(None),
            lambda: self.world.now,
        )
        self.names = count(1)
        self.acceptances: list[Envelope[InvitationAccepted]] = []

    @initialize(connected=st.booleans())
    def begin(self, connected: bool) -> None:
        """Half of the histories begin with partners that work together for both customers."""
        for partner in PARTNERS:
            activated = EnrollmentActivated(**PLACE, partner=partner, enrolled_by="u")
            self.world.announce(activated, f"enrollment:{partner.organization_id}", "enrollment")
        self.all_arrive()
        for reseller in RESELLERS if connected else ():
            self.connect(reseller, PROVIDER, at_once=True)
            for customer in CUSTOMERS:
                self.invite_jointly(customer, reseller, PROVIDER, at_once=True)

    def moment(self, *, later: timedelta = timedelta(seconds=1)) -> datetime:
        self.world.now += later
        return self.world.now

    def pair(self, data: st.DataObject) -> tuple[str, Partner]:
        """A customer and a partner: mostly two that work together."""
        pairs = sorted(self.model.edges)
        often = data.draw(st.integers(0, 3))
        if pairs and often:
            customer, partner_id = data.draw(st.sampled_from(pairs))
            return customer, next(one for one in PARTNERS if one.partner_id == partner_id)
        return data.draw(st.sampled_from(CUSTOMERS)), data.draw(st.sampled_from(PARTNERS))

    # -- partners and customers connect and part

    @rule(reseller=st.sampled_from(RESELLERS), provider=st.sampled_from(PROVIDERS), at_once=st.booleans())
    def connect(self, reseller: Partner, provider: Partner, at_once: bool) -> None:
        if self.model.active(reseller) and self.model.active(provider):
            self.accept("partnership", provider, None, reseller.organization_id, reseller, at_once=at_once)

    @rule(reseller=st.sampled_from(RESELLERS), provider=st.sampled_from(PROVIDERS))
    def disconnect(self, reseller: Partner, provider: Partner) -> None:
        pair = (provider.organization_id, reseller.organization_id)
        id = PARTNERSHIP.id(partnership_id(*pair))
        if id in self.world.states:
            end = EndPartnership(by="x", reason="by-agreement", at=self.moment())
            self.world.run(PARTNERSHIP, id, end)
            self.model.disconnected(pair, end.at)

    @rule(customer=st.sampled_from(CUSTOMERS), partner=st.sampled_from(PARTNERS), at_once=st.booleans())
    def invite(self, customer: str, partner: Partner, at_once: bool) -> None:
        if self.model.active(partner):
            self.accept("customer", partner, None, customer, None, at_once=at_once)

    @rule(
        customer=st.sampled_from(CUSTOMERS),
        reseller=st.sampled_from(RESELLERS),
        provider=st.sampled_from(PROVIDERS),
        at_once=st.booleans(),
    )
    def invite_jointly(self, customer: str, reseller: Partner, provider: Partner, at_once: bool) -> None:
        """The partnership is judged at the acceptance. An end that comes later does not undo it."""
        if self.connected(reseller, provider):
            assert self.model.connected(provider, reseller)
            self.accept("customer-joint", reseller, provider, customer, None, at_once=at_once)

    @rule(data=st.data(), by=st.sampled_from(BYS))
    def end(self, data: st.DataObject, by: EndedBy) -> None:
        self.end_of(*self.pair(data), by)

    def end_of(self, customer: str, partner: Partner, by: EndedBy) -> None:
        if CUSTOMER.id(customer) not in self.world.states:
            return
        command = EndRelationship(
            partner_id=partner.partner_id, by=by, user_id="u", reason=None, at=self.moment(), partner=partner
        )
        facts = self.world.run(CUSTOMER, CUSTOMER.id(customer), command)
        pair = (customer, partner.partner_id)
        edge = self.model.edges.get(pair)
        if edge and edge.subscriptions and by != "program":
            assert [fact.reason for fact in facts] == ["subscriptions-active"]
        elif edge:
            assert [type(fact).__name__ for fact in facts] == ["RelationshipEnded"]
            self.model.ended(pair, command.at)

    @precondition(lambda self: self.model.edges)
    @rule(data=st.data(), late=st.booleans(), approved=st.booleans())
    def part_and_connect_again(self, data: st.DataObject, late: bool, approved: bool) -> None:
        """What was announced before the end arrives after the new acceptance."""
        customer, partner = self.pair(data)
        if approved:
            self.ask(customer, partner, approved=True)
        if late:
            self.invite(customer, partner, at_once=False)
        self.end_of(customer, partner, "program")
        self.invite(customer, partner, at_once=True)

    @rule(data=st.data(), active=st.integers(0, 2))
    def report(self, data: st.DataObject, active: int) -> None:
        customer, partner = self.pair(data)
        if CUSTOMER.id(customer) not in self.world.states:
            return
        told = ReportSubscriptions(
            customer_id=customer, partner_id=partner.partner_id, portal="office", active=active, at=self.moment()
        )
        self.world.run(CUSTOMER, CUSTOMER.id(customer), told)
        if edge := self.model.edges.get((customer, partner.partner_id)):
            edge.subscriptions = active

    # -- administrator grants

    @rule(customer=st.sampled_from(CUSTOMERS), approved=st.booleans(), at_once=st.booleans(), ended=st.booleans())
    def ask_for_a_grant(self, customer: str, approved: bool, at_once: bool, ended: bool) -> None:
        """The provider asks: a reseller has the rights of the grant already."""
        id = self.ask(customer, PROVIDER, extended=not ended, approved=approved)
        while at_once and self.world.waiting.get(f"relationships {id}"):
            self.arrives(f"relationships {id}")
        if ended and id in self.grants("requested", "approved", "active"):
            self.end_grant(id)

    def ask(self, customer: str, partner: Partner, *, extended: bool = False, approved: bool = False) -> str:
        id = f"g{next(self.names)}"
        known = self.world.states.get(CUSTOMER.id(customer))
        terms = GrantTerms(
            grant_id=id,
            customer_id=customer,
            customer_name="Kunde",
            partner=partner,
            name=id,
            roles=("user-administrator",),
            days=60,
            auto_extend_days=180 if extended else 0,
        )
        related = known is not None and works_with(known[1], partner.partner_id)
        request = RequestGrant(
            terms=terms, related=related, reachable=True, room=True, contact_user=None, by="p", at=self.moment()
        )
        self.world.run(ADMIN_GRANT, ADMIN_GRANT.id(id), request)
        self.model.asked[id] = (customer, partner.partner_id)
        if approved:
            self.world.run(ADMIN_GRANT, ADMIN_GRANT.id(id), ApproveGrant("u", CUSTOMER_CONTACT, self.moment()))
        return ADMIN_GRANT.id(id)

    def grants(self, *statuses: str) -> list[str]:
        known = ((id, state.admin_grant) for id, (kind, state) in self.world.states.items() if kind is ADMIN_GRANT)
        return sorted(id for id, grant in known if grant and grant.status in statuses)

    def grant(self, id: str) -> AdminGrant:
        found: AdminGrant = self.world.states[id][1].admin_grant
        return found

    @precondition(lambda self: self.grants("requested"))
    @rule(data=st.data())
    def approve_a_grant(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.grants("requested")))
        self.world.run(ADMIN_GRANT, id, ApproveGrant("u", CUSTOMER_CONTACT, self.moment()))

    @precondition(lambda self: self.grants("requested", "approved", "active"))
    @rule(data=st.data())
    def end_a_grant(self, data: st.DataObject) -> None:
        self.end_grant(data.draw(st.sampled_from(self.grants("requested", "approved", "active"))))

    def end_grant(self, id: str) -> None:
        self.world.run(ADMIN_GRANT, id, EndGrant(side="customer", by="u", reason=None, at=self.moment()))
        # As the endpoint does, so that the right is gone when the end is answered.
        terms = self.grant(id).terms
        self.world.run(CUSTOMER, CUSTOMER.id(terms.customer_id), DropGrant(terms.grant_id))
        self.model.grant_ended(terms.grant_id)

    @rule()
    def timers_fire(self) -> None:
        look = grant_timer(self.store, cast("Any", self.world))
        cause = Cause(id="t", time=self.moment(), correlation_id="t", actor="timer")
        for id in self.grants("requested", "approved", "active"):
            date = due(self.world.states[id][1])
            if date is None or date > cause.time:
                continue
            grant, grant_id = self.grant(id), self.grant(id).terms.grant_id
            done(cast("Any", look(id, cause)))
            if grant.status == "approved" and self.model.asked[grant_id] not in self.model.edges:
                self.model.grant_ended(grant_id)
            elif grant.status == "approved" and grant.expires_at:
                # The message about the approval is late.
                self.model.grant_counts(grant_id, grant.expires_at)

    # -- what happens to organizations

    @rule(partner=st.sampled_from(PARTNERS), suspend=st.booleans())
    def suspend_or_reinstate(self, partner: Partner, suspend: bool) -> None:
        event: Event = (
            EnrollmentSuspended(**PLACE, partner=partner, reason="abuse", suspended_by="u")
            if suspend
            else EnrollmentReinstated(**PLACE, partner=partner, reason="cause-cleared", reinstated_by="u")
        )
        self.world.announce(event, f"enrollment:{partner.organization_id}", "enrollment")

    @rule(organization_id=st.sampled_from(ORGANIZATIONS), close=st.booleans())
    def close_or_reopen(self, organization_id: str, close: bool) -> None:
        event: Event = (
            OrganizationClosed(organization_id=organization_id, restorable_until=self.moment(), closed_by="u")
            if close
            else OrganizationReopened(organization_id=organization_id, reopened_by="u")
        )
        self.world.announce(event, f"organization:{organization_id}", "identity")

    @rule(days=st.sampled_from([1, 30, 70]))
    def time_passes(self, days: int) -> None:
        self.moment(later=timedelta(days=days))

    # -- messages

    @precondition(lambda self: any(self.world.waiting.values()))
    @rule(data=st.data())
    def a_message_arrives(self, data: st.DataObject) -> None:
        """The next one of any document: those of different documents overtake each other."""
        self.arrives(data.draw(st.sampled_from(self.keys())))

    @precondition(lambda self: any(self.world.waiting.values()))
    @rule()
    def all_messages_arrive(self) -> None:
        self.all_arrive()
        for id in self.grants("active"):
            assert self.grant(id).terms.grant_id in self.model.held, "an active grant is one that the customer holds"
        for reseller in RESELLERS:
            for provider in PROVIDERS:
                assert self.connected(reseller, provider) is self.model.connected(provider, reseller)

    @precondition(lambda self: self.acceptances)
    @rule(data=st.data())
    def an_acceptance_arrives_again(self, data: st.DataObject) -> None:
        """Also long after what it established has ended."""
        message = data.draw(st.sampled_from(self.acceptances))
        for dispatch in done(cast("Any", dispatches_of(self.on[InvitationAccepted], message))):
            assert self.world.run(dispatch.aggregate, dispatch.id, dispatch.command) == []

    def keys(self) -> list[str]:
        return sorted(key for key, some in self.world.waiting.items() if some)

    def all_arrive(self) -> None:
        while keys := self.keys():
            self.arrives(keys[0])

    def accept(
        self,
        kind: InvitationKind,
        inviter: Partner,
        provider: Partner | None,
        who: str,
        partner: Partner | None,
        *,
        at_once: bool,
    ) -> None:
        id = f"i{next(self.names)}"
        event = InvitationAccepted(
            invitation_id=id,
            kind=kind,
            inviter=inviter,
            provider=provider,
            accepted_by="u",
            accepting_organization_id=who,
            accepting_organization_name="Kunde",
            accepting_partner=partner,
            country="DE",
            contact=CUSTOMER_CONTACT,
            consent="v1",
            accepted_at=self.moment(),
        )
        self.world.announce(event, f"invitation:{id}", "relationships")
        if at_once:
            self.arrives(f"relationships invitation:{id}")

    def arrives(self, key: str) -> None:
        message = self.world.waiting[key].pop(0)
        event = message.data
        if type(event) in self.on:
            for dispatch in done(cast("Any", dispatches_of(self.on[type(event)], message))):
                self.world.run(dispatch.aggregate, dispatch.id, dispatch.command)
        if isinstance(event, InvitationAccepted):
            self.acceptances.append(message)
        self.model_follows(event)

    def model_follows(self, event: Event) -> None:
        model = self.model
        match event:
            case EnrollmentSuspended(partner=partner):
                model.suspended.add(partner.organization_id)
            case EnrollmentReinstated(partner=partner):
                model.suspended.discard(partner.organization_id)
            case OrganizationClosed(organization_id=id):
                model.closed.add(id)
            case OrganizationReopened(organization_id=id):
                model.closed.discard(id)
            case InvitationAccepted(kind="partnership", inviter=provider):
                pair = (provider.organization_id, event.accepting_organization_id)
                model.connected_by(pair, event.accepted_at)
            case InvitationAccepted():
                partners = [event.inviter, *([event.provider] if event.provider else [])]
                model.accepted(event.accepting_organization_id, partners, event.invitation_id, event.accepted_at)
            case AdminGrantApproved() | AdminGrantExtended():
                model.grant_counts(event.grant.grant_id, event.expires_at)
            case _:
                pass

    # -- what must hold at every moment

    def connected(self, reseller: Partner, provider: Partner) -> bool:
        asked = lookups.connected(self.store, reseller.organization_id, provider.organization_id)
        return done(asked) is not None

    @invariant()
    def checks_and_lists_say_what_the_model_says(self) -> None:
        for customer in CUSTOMERS:
            state = self.world.state(CUSTOMER, customer)
            held, found = held_by(state), listing(state)
            keys = set(found[0]) if found else set()
            for partner in PARTNERS:
                active = active_partner_id(self.world.state(PARTNER, partner.organization_id))
                listed = self.model.lists(customer, partner)
                assert (list_key(partner.partner_id, "active") in keys) is listed, (customer, partner.name)
                for action in ACTIONS:
                    may = self.model.may(customer, partner, action, self.world.now)
                    verdict = verdict_on(held, active, action, self.world.now)
                    assert (verdict.reason == "granted") is may, (customer, partner.partner_id, action)
                    self.reader_agrees(verdict, partner.organization_id, action, customer)
                    in_list = right_key(partner.partner_id, action) in keys
                    assert in_list or not may, "a right that no list has"
                    assert listed or not in_list, "a list has a right of what ended"

    def reader_agrees(self, verdict: Verdict, organization_id: str, action: Action, customer: str) -> None:
        """A reader of the snapshot topic answers with the same reason, edge, version and grant."""
        answer = self.world.view.may(organization_id, action, customer, at=self.world.now)
        said = (verdict.held.edge, verdict.held.version) if verdict.held else (None, None)
        reason = "no-relationship" if verdict.reason == "unknown-customer" else verdict.reason
        assert answer == (verdict.reason == "granted", reason, *said, verdict.grant_id)

    @invariant()
    def readers_list_what_the_model_lists(self) -> None:
        view = self.world.view
        for partner in PARTNERS:
            state = self.world.state(PARTNER, partner.organization_id)
            own = [one for one in CUSTOMERS if self.model.lists(one, partner)] if active_partner_id(state) else []
            assert view.customers_of(partner.organization_id) == own
        for customer in CUSTOMERS:
            works = sorted(one.partner_id for one in PARTNERS if self.model.lists(customer, one))
            assert view.partners_of(customer) == works

    @invariant()
    def readers_know_the_partnerships(self) -> None:
        for reseller in RESELLERS:
            for provider in PROVIDERS:
                pair = (provider.organization_id, reseller.organization_id)
                known = present_partnership(self.world.state(PARTNERSHIP, partnership_id(*pair)))
                found = self.world.view.partnership(*pair)
                assert (found.active if found else None) == (known.active if known else None)

    @invariant()
    def a_joint_acceptance_gives_both_or_none(self) -> None:
        """But for a relationship that ended after the acceptance was given, and before it arrived."""
        for customer in CUSTOMERS:
            state = self.world.state(CUSTOMER, customer)
            for one in state.relationships:
                edge = self.model.edges.get((customer, one.partner_id))
                assert one.holds is (edge is not None)
                assert edge is None or set(one.invitations) == edge.invitations, "it rests on other invitations"

    @invariant()
    def no_two_are_connected_that_should_not_be(self) -> None:
        for reseller in RESELLERS:
            for provider in PROVIDERS:
                assert self.model.connected(provider, reseller) or not self.connected(reseller, provider)


TestGraph = Graph.TestCase
TestGraph.settings = settings(
    max_examples=int(ASKED_FOR or 150),
    stateful_step_count=40,
    deadline=None,
    derandomize=settings().derandomize and not ASKED_FOR,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
