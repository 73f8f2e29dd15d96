"""What can be asked of an invitation, and the facts that are not announced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.acceptance import AcceptInvitation
from relationships.domain.invitation.state import AccessRequest, Invitation, Mail, Person, UndeliverableReason
from relationships.domain.refusals import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInvitation:
    """``provider``: for a joint invitation, if it has an active partnership with the inviter."""

    invitation_id: str
    kind: InvitationKind
    inviter: Partner
    provider: Partner | None
    recipient: Recipient
    mail: Mail
    anyone: bool = False
    sender: Person | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditMail:
    mail: Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInvitation:
    """Send it for the first time, or with ``again`` once more with a new link.

    ``sealed_link``: of ``generation``. ``request``: names the request, so that its repetition sends nothing. ``partners``:
    inviter and provider with their present names, by organization id.
    """

    sealed_link: str
    generation: int
    request: str
    by: str
    at: datetime
    again: bool = False
    partners: Mapping[str, Partner] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSending:
    """The inviter has mailed the draft itself. ``request``: names the request, so that its repetition changes nothing."""

    request: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class RemindInvitation:
    """``sealed_link``: of the present generation. ``acceptable``: its partners are active, and connected if it is joint."""

    sealed_link: str
    at: datetime
    acceptable: bool = True


@dataclass(frozen=True, slots=True)
class NoteEnrolled:
    """The addressee's company is an active partner now. ``sealed_link``: of the present generation."""

    sealed_link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteUndeliverable:
    """The mail with the invitation could not be delivered."""

    reason: UndeliverableReason
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteView:
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class RevokeInvitation:
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineInvitation:
    """``generation``: of the link presented, None if it is not valid. ``by`` None: not signed in."""

    generation: int | None
    by: Person | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeAccess:
    """``anyone``: all who hold the link may accept, or the addressee alone."""

    anyone: bool
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAccess:
    """The holder of the link asks to be let in. ``misfit``: why the person's company could not accept in any case."""

    request_id: str
    generation: int | None
    person: Person
    domain_proved: bool
    misfit: Reason | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAccess:
    """The inviter lets a company in, or does not. ``sealed_link``: of ``generation``."""

    request_id: str
    confirmed: bool
    generation: int
    sealed_link: str
    by: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class ExpireInvitation:
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetAddressee:
    """The work account that accepted was erased, or with ``inviter`` the one that invited: nobody can accept it any more.

    The document keeps no person and no text.
    """

    ERASES: ClassVar[bool] = True
    inviter: bool = False


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """Identity purged a user: who drafted it, asked to be let in, or answered. The document keeps nothing of the person.

    Mails for who drafted it go to the inviter's primary contact from now on. A request that nobody has decided is gone. The
    evidence of an acceptance keeps the user's id alone, which says nothing once the user is purged.
    """

    ERASES: ClassVar[bool] = True
    user_id: str


@dataclass(frozen=True, slots=True)
class FollowSender:
    """Identity disabled or deleted a user, or took that back. Meanwhile the inviter's primary contact gets the mails."""

    REPEATABLE: ClassVar[bool] = True
    user_id: str
    away: bool


Command = (
    DraftInvitation
    | EditMail
    | SendInvitation
    | ConfirmSending
    | RemindInvitation
    | NoteEnrolled
    | NoteUndeliverable
    | NoteView
    | RevokeInvitation
    | DeclineInvitation
    | ChangeAccess
    | AskAccess
    | DecideAccess
    | ExpireInvitation
    | AcceptInvitation
    | ForgetAddressee
    | ForgetPerson
    | FollowSender
)


@dataclass(frozen=True, slots=True)
class InvitationPrepared:
    """The draft with the addressee and the mail, which `InvitationDrafted` does not announce."""

    invitation: Invitation


@dataclass(frozen=True, slots=True)
class MailEdited:
    mail: Mail


@dataclass(frozen=True, slots=True)
class AddresseeForgotten:
    """``inviter``: its contact is forgotten, too, and what was open is over, without a mail to anybody."""

    inviter: bool = False


@dataclass(frozen=True, slots=True)
class SenderFollowed:
    away: bool


@dataclass(frozen=True, slots=True)
class PersonForgotten:
    user_id: str


@dataclass(frozen=True, slots=True)
class SendingNoted:
    """The request that sent the invitation."""

    request: str


@dataclass(frozen=True, slots=True)
class RequestsNoted:
    """The requests to be let in, with what was decided on each."""

    requests: tuple[AccessRequest, ...]
