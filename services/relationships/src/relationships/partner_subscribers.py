"""Subscribers: partners follow their enrollments and work accounts, and partnerships follow the partners."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from chassis import Dispatch, MongoStore, Reactions
from kontor_contracts import Envelope
from kontor_contracts.enrollment import (
    EnrollmentEnded,
    EnrollmentReinstated,
    EnrollmentSuspended,
    PartnerReauthorized,
    ReauthorizationMoved,
    ReauthorizationNoticed,
)
from kontor_contracts.identity import OrganizationClosed, OrganizationErased, OrganizationReopened
from kontor_contracts.relationships import (
    PartnerClosed,
    PartnerErased,
    PartnerListed,
    PartnerReinstated,
    PartnerReopened,
    PartnershipEstablished,
    PartnerSuspended,
)
from relationships.documents import PARTNER, PARTNERSHIP, PRESENT_PARTNERSHIP, PROFILE
from relationships.domain.partner import ErasePartner, FollowAccount, ReinstatePartner, SuspendPartner, known_company
from relationships.domain.partnership import EndPartnership, FollowPartners, FollowReauthorization, PresentPartner
from relationships.domain.profile import EraseProfile, FollowProvider, provider_of


def follow_partners(on: Reactions, store: MongoStore) -> None:
    _follow_enrollments(on)
    _follow_accounts(on)
    _follow_reauthorizations(on, store)

    @on(PartnerListed, PartnerSuspended, PartnerReinstated, PartnerClosed, PartnerReopened)
    async def when_partner_changes(message: Envelope[Any]) -> Sequence[Dispatch]:
        """Its partnerships and its profile have its present name, and are suspended and resumed with it."""
        organization_id = message.data.partner.organization_id
        state = await store.get(PARTNER, PARTNER.id(organization_id))
        company = known_company(state)
        if company is None:
            return []
        follow = FollowPartners((PresentPartner(company.partner, company.active),), message.time)
        partnerships = [Dispatch(PARTNERSHIP, id, follow) async for id in _partnerships(store, organization_id)]
        if company.partner.program != "indirect-provider":
            return partnerships
        profile = Dispatch(PROFILE, PROFILE.id(organization_id), FollowProvider(provider_of(company), message.time))
        return [profile, *partnerships]

    @on(PartnershipEstablished)
    async def when_partnership_is_established(message: Envelope[PartnershipEstablished]) -> Sequence[Dispatch]:
        """One of the two may have been suspended at the same moment."""
        sides = (message.data.provider.organization_id, message.data.reseller.organization_id)
        states = await store.get_many(*((PARTNER, PARTNER.id(side)) for side in sides))
        companies = [company for state in states if (company := known_company(state)) and not company.active]
        if not companies:
            return []
        follow = FollowPartners(tuple(PresentPartner(one.partner, active=False) for one in companies), message.time)
        return [Dispatch(PARTNERSHIP, PARTNERSHIP.id(message.data.partnership_id), follow)]

    @on(PartnerErased)
    async def when_partner_is_erased(message: Envelope[PartnerErased]) -> Sequence[Dispatch]:
        end = EndPartnership(by=None, reason="organization-erased", at=message.data.erased_at)
        organization_id = message.data.organization_id
        profile = Dispatch(PROFILE, PROFILE.id(organization_id), EraseProfile())
        return [profile, *[Dispatch(PARTNERSHIP, id, end) async for id in _partnerships(store, organization_id)]]


def _follow_enrollments(on: Reactions) -> None:
    @on(EnrollmentSuspended)
    def when_enrollment_is_suspended(message: Envelope[EnrollmentSuspended]) -> Sequence[Dispatch]:
        id = PARTNER.id(message.data.partner.organization_id)
        return [Dispatch(PARTNER, id, SuspendPartner(reason=message.data.reason, at=message.time))]

    @on(EnrollmentReinstated)
    def when_enrollment_is_reinstated(message: Envelope[EnrollmentReinstated]) -> Sequence[Dispatch]:
        id = PARTNER.id(message.data.partner.organization_id)
        return [Dispatch(PARTNER, id, ReinstatePartner(at=message.time))]

    @on(EnrollmentEnded)
    def when_enrollment_has_ended(message: Envelope[EnrollmentEnded]) -> Sequence[Dispatch]:
        """The company is no partner any more: its partnerships end, and its partner id is free."""
        return [Dispatch(PARTNER, PARTNER.id(message.data.partner.organization_id), ErasePartner(message.time))]


def _follow_reauthorizations(on: Reactions, store: MongoStore) -> None:
    @on(ReauthorizationNoticed, PartnerReauthorized, ReauthorizationMoved)
    async def when_reauthorization_changes(message: Envelope[Any]) -> Sequence[Dispatch]:
        """The providers of a reseller know until when it has to confirm its data, and when it has."""
        event = message.data
        if isinstance(event, PartnerReauthorized):
            follow = FollowReauthorization(None)
        else:
            follow = FollowReauthorization(event.due_at, announced=isinstance(event, ReauthorizationMoved))
        found = _partnerships(store, event.partner.organization_id)
        return [Dispatch(PARTNERSHIP, id, follow) async for id in found]


def _follow_accounts(on: Reactions) -> None:
    @on(OrganizationClosed, OrganizationReopened, OrganizationErased)
    def when_account_of_partner_changes(message: Envelope[Any]) -> Sequence[Dispatch]:
        """Also before the organization is a partner: the command is repeated then, and changes nothing."""
        id = PARTNER.id(message.data.organization_id)
        if isinstance(message.data, OrganizationErased):
            return [Dispatch(PARTNER, id, ErasePartner(message.time))]
        return [Dispatch(PARTNER, id, FollowAccount(isinstance(message.data, OrganizationClosed), message.time))]


async def _partnerships(store: MongoStore, organization_id: str) -> AsyncIterator[str]:
    """The ids of the partnerships of a company that have not ended. On one side there is none."""
    for side in ("provider", "reseller"):
        where = {f"state.partnership.{side}.organization_id": organization_id, **PRESENT_PARTNERSHIP}
        async for id, _ in store.find_all(PARTNERSHIP, where):
            yield id
