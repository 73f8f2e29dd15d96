"""Subscribers: messages queue mails, and erasure removes their recipients."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from chassis import Dispatch, MongoStore, Reactions, derived_id
from kontor_contracts import Envelope, organization_of
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import OrganizationErased, UserPurged
from notifications.documents import MAIL
from notifications.domain.mail.state import ForgetRecipient, Letter, QueueMail
from notifications.mails import MAILS, MailRequest


def reactions(store: MongoStore, now: Callable[[], datetime]) -> Reactions:
    on = Reactions()

    @on(*MAILS)
    def queue_mails(message: Envelope[Any]) -> Sequence[Dispatch]:
        return [_queued(message, wanted, now()) for wanted in MAILS[type(message.data)](message.data)]

    @on(UserPurged)
    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        """Erases the recipient of every mail about the user.

        Messages about a user have one key in one topic, so all its mails are here before the purge.
        """
        found = store.find_all(MAIL, {"state.letter.about": message.data.user_id})
        return [Dispatch(MAIL, id, ForgetRecipient()) async for id, _ in found]

    @on(OrganizationErased)
    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        """Erases the recipients of the organization's mails, also of people who were no users, such as contacts."""
        found = store.find_all(MAIL, {"tenant": message.data.organization_id})
        return [Dispatch(MAIL, id, ForgetRecipient()) async for id, _ in found]

    return on


def _queued(message: Envelope[Any], wanted: MailRequest, now: datetime) -> Dispatch:
    """One mail per cause, template and recipient: a repeated message finds the mail that is there."""
    mail_id = derived_id(message.id, wanted.template, address_key(wanted.recipient.email))
    letter = Letter(
        mail_id=mail_id,
        template=wanted.template,
        recipient=wanted.recipient,
        context=wanted.context,
        sealed_link=wanted.sealed_link,
        expires_at=wanted.expires_at,
        about=wanted.about,
        cause_id=message.id,
        correlation_id=message.correlationid,
        tenant=organization_of(message.data),
        queued_at=now,
    )
    return Dispatch(MAIL, MAIL.id(mail_id), QueueMail(letter), fresh=True)
