"""Subscribers: an enrollment follows its work account and its mails, and forgets an erased user who began it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from chassis import Dispatch, MongoStore, Reactions
from enrollment.documents import ENROLLMENT, PROVED_DOMAIN, UPLOAD
from enrollment.domain import proved_domain
from enrollment.domain.enrollment.account import AccountCommand, EndWithAccount, FollowCorrection, ForgetApplicant
from enrollment.domain.enrollment.delivery import NoteMail
from enrollment.domain.enrollment.domain_check import FollowDomain
from enrollment.domain.enrollment.mails import MailState
from enrollment.domain.enrollment.names import FollowAccountName
from enrollment.domain.enrollment.state import CLOSED
from enrollment.domain.upload import EraseUpload
from enrollment.registry_commands import follow_registry
from kontor_contracts import Envelope
from kontor_contracts.addresses import domain_key
from kontor_contracts.identity import (
    DomainProved,
    DomainReleased,
    OrganizationCorrected,
    OrganizationErased,
    OrganizationUpdated,
    UserPurged,
)
from kontor_contracts.notifications import (
    MailAbandoned,
    MailDeferred,
    MailQueued,
    MailSent,
    MailSkipped,
    MailSuppressed,
    MailWithdrawn,
)

MOST_OPEN = 10
"""An organization has one open enrollment; the bound is for the query."""


def reactions(store: MongoStore, writers: Collection[str] | None, now: Callable[[], datetime]) -> Reactions:
    """``writers``: the sources that may keep profiles of the registry; None: every writer to the topic."""
    on = Reactions()
    follow_registry(on, store, writers, now)

    @on(OrganizationUpdated)
    async def when_organization_updated(message: Envelope[OrganizationUpdated]) -> Sequence[Dispatch]:
        renamed = message.data
        where = {"tenant": renamed.organization_id, "state.status": "draft"}
        found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
        follow = FollowAccountName(renamed.name, renamed.previous_name)
        return [Dispatch(ENROLLMENT, id, follow) for id, _ in found]

    @on(OrganizationCorrected)
    async def when_organization_corrected(message: Envelope[OrganizationCorrected]) -> Sequence[Dispatch]:
        return await _with_undecided(store, message.data.organization_id, FollowCorrection(message.time))

    @on(OrganizationErased)
    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        """Ends what is open, and erases contacts and documents of all the organization's enrollments."""
        where = {"tenant": message.data.organization_id}
        end = EndWithAccount(message.time)
        ended = [Dispatch(ENROLLMENT, id, end) async for id, _ in store.find_all(ENROLLMENT, where)]
        erase = EraseUpload(message.time)
        return [*ended, *[Dispatch(UPLOAD, id, erase) async for id, _ in store.find_all(UPLOAD, where)]]

    @on(UserPurged)
    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        """Erase the user from the enrollments that the user began."""
        purged = message.data
        where = {"tenant": purged.organization_id, "state.started_by": purged.user_id}
        found = store.find_all(ENROLLMENT, where)
        return [Dispatch(ENROLLMENT, id, ForgetApplicant()) async for id, _ in found]

    _on_mails(on, store)
    _on_domains(on, store)
    return on


def _on_domains(on: Reactions, store: MongoStore) -> None:
    @on(DomainProved)
    async def when_domain_proved(message: Envelope[DomainProved]) -> Sequence[Dispatch]:
        """The proof comes first, so that a contact who confirms meanwhile finds it."""
        domain, organization_id = domain_key(message.data.domain), message.data.organization_id
        proof = proved_domain.NoteProof(organization_id, message.time)
        follow = await _with_undecided(store, organization_id, FollowDomain(domain, proved=True))
        return [Dispatch(PROVED_DOMAIN, PROVED_DOMAIN.id(domain), proof), *follow]

    @on(DomainReleased)
    async def when_domain_released(message: Envelope[DomainReleased]) -> Sequence[Dispatch]:
        domain, organization_id = domain_key(message.data.domain), message.data.organization_id
        release = proved_domain.NoteRelease(organization_id, message.time)
        follow = await _with_undecided(store, organization_id, FollowDomain(domain, proved=False))
        return [Dispatch(PROVED_DOMAIN, PROVED_DOMAIN.id(domain), release), *follow]


MailNews = MailQueued | MailDeferred | MailSent | MailAbandoned | MailSuppressed | MailWithdrawn | MailSkipped
STATE_AFTER: dict[type[MailNews], MailState] = {
    MailQueued: "queued",
    MailDeferred: "deferred",
    MailSuppressed: "undeliverable",
    MailSent: "sent",
    MailAbandoned: "undeliverable",
    MailWithdrawn: "withdrawn",
    # Its reader does not want it; nothing is wrong with the address.
    MailSkipped: "withdrawn",
}


def _on_mails(on: Reactions, store: MongoStore) -> None:
    @on(*STATE_AFTER)
    async def when_mail_went_on(message: Envelope[MailNews]) -> Sequence[Dispatch]:
        """Mails about other things are not this service's."""
        mail = message.data
        id = mail.cause_subject or ""
        if not id.startswith(f"{ENROLLMENT.kind}:") or await store.get(ENROLLMENT, id) is None:
            return []
        note = NoteMail(
            mail_id=mail.mail_id,
            template=mail.template,
            state=STATE_AFTER[type(mail)],
            at=message.time,
            reason=_reason(mail),
        )
        return [Dispatch(ENROLLMENT, id, note)]


async def _with_undecided(
    store: MongoStore, organization_id: str, command: AccountCommand | FollowDomain
) -> Sequence[Dispatch]:
    """The command for the organization's enrollments that are undecided."""
    where = {"tenant": organization_id, "state.status": {"$nin": [*CLOSED, "active", "suspended"]}}
    found = await store.find(ENROLLMENT, where, limit=MOST_OPEN)
    return [Dispatch(ENROLLMENT, id, command) for id, _ in found]


def _reason(mail: MailNews) -> str | None:
    match mail:
        case MailAbandoned():
            return mail.failure or mail.reason
        case MailDeferred(failure=failure):
            return failure
        case MailSuppressed(reason=reason):
            return reason
        case _:
            return None
