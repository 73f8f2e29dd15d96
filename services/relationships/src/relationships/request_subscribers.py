"""Subscribers: an accepted request becomes an invitation draft, and people who were erased leave their requests."""

from collections.abc import Sequence

from chassis import Dispatch, MongoStore, Reactions, list_filter
from kontor_contracts import Envelope
from kontor_contracts.directory import PartnershipRequestAccepted
from kontor_contracts.identity import UserPurged
from kontor_contracts.relationships import PartnerErased
from relationships.documents import INVITATION, REQUEST
from relationships.domain.invitation.commands import DraftInvitation
from relationships.domain.invitation.state import Person
from relationships.domain.partner_request import ForgetRequester
from relationships.domain.partner_request_listing import list_key
from relationships.wording import draft_mail


def follow_requests(on: Reactions, store: MongoStore) -> None:
    @on(PartnershipRequestAccepted)
    def when_request_is_accepted(message: Envelope[PartnershipRequestAccepted]) -> Sequence[Dispatch]:
        """The person at the provider who accepted is its sender, and the person who asked its addressee."""
        accepted = message.data
        provider, recipient = accepted.provider, accepted.requester
        sender = Person(
            user_id=accepted.accepted_by,
            organization_id=provider.organization_id,
            organization_name=provider.name,
            contact=accepted.accepter,
        )
        mail = draft_mail(
            "partnership", inviter=provider, provider=None, recipient=recipient, sender=accepted.accepter.name
        )
        draft = DraftInvitation(
            invitation_id=accepted.invitation_id,
            kind="partnership",
            inviter=provider,
            provider=None,
            recipient=recipient,
            mail=mail,
            sender=sender,
            at=accepted.accepted_at,
        )
        return [Dispatch(INVITATION, INVITATION.id(accepted.invitation_id), draft)]

    @on(UserPurged)
    async def when_requester_is_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        found = store.find_all(REQUEST, {"state.request.requester_id": message.data.user_id})
        return [Dispatch(REQUEST, id, ForgetRequester(message.time)) async for id, _ in found]

    @on(PartnerErased)
    async def when_company_of_request_is_erased(message: Envelope[PartnerErased]) -> Sequence[Dispatch]:
        found = store.find_all(REQUEST, list_filter(keys=[list_key(message.data.organization_id, None)]))
        return [Dispatch(REQUEST, id, ForgetRequester(message.time)) async for id, _ in found]
