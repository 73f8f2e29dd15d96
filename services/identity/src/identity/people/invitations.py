"""Invitations by mail: makes the personal link and the commands with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.crypto import Sealer
from identity.credentials.tokens import digest, opaque
from identity.domain.user.commands import InviteUser, RenewInvitation
from identity.people.senders import Inviter


@dataclass(frozen=True, slots=True)
class Invitee:
    """The person to be invited."""

    full_name: str
    email: str
    culture: str
    roles: tuple[str, ...]
    guest: bool
    known: bool = False
    """A user of another organization has the address. The mail says so."""


@dataclass(frozen=True, slots=True)
class Link:
    """A personal link: its token's hash for the document, the link sealed for the mail."""

    token_hash: str
    sealed: str
    expires_at: datetime

    def renewing(self, inviter: Inviter, *, known: bool) -> RenewInvitation:
        return RenewInvitation(
            token_hash=self.token_hash,
            sealed_link=self.sealed,
            expires_at=self.expires_at,
            by=inviter.by,
            sender=inviter.sender,
            known=known,
        )


class Links:
    """Makes personal links. The plain token is only in the link."""

    def __init__(self, sealer: Sealer, *, public_url: str, lifetime: int) -> None:
        self._sealer = sealer
        self._url = public_url.rstrip("/")
        self._lifetime = timedelta(seconds=lifetime)

    def new(self, user_id: str, culture: str, at: datetime) -> Link:
        token = opaque()
        link = f"{self._url}/join/{user_id}?token={token}&lang={culture[:2]}"
        return Link(digest(token), self._sealer.seal(link), at + self._lifetime)

    def inviting(self, invitee: Invitee, user_id: str, inviter: Inviter, at: datetime) -> InviteUser:
        link = self.new(user_id, invitee.culture, at)
        return InviteUser(
            user_id=user_id,
            organization=inviter.organization,
            full_name=invitee.full_name,
            email=invitee.email,
            culture=invitee.culture,
            roles=invitee.roles,
            guest=invitee.guest,
            token_hash=link.token_hash,
            sealed_link=link.sealed,
            expires_at=link.expires_at,
            by=inviter.by,
            sender=inviter.sender,
            known=invitee.known,
        )
