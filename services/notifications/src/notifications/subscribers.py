"""Subscribers: messages queue mails, and erasure removes their recipients."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from chassis import Dispatch, MongoStore, Reactions, derived_id
from kontor_contracts import Envelope, organization_of
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import OrganizationErased, UserAddressChanged, UserPurged
from notifications.documents import MAIL, PREFERENCES, preferences_key
from notifications.domain.mail.state import ForgetRecipient, Letter, QueueMail, WithdrawMail
from notifications.domain.preferences.state import AdoptPreferences, ForgetPreferences
from notifications.invitation_mails import ENDING, ends_mails
from notifications.mail_request import MailRequest
from notifications.mails import MAILS
from notifications.withdrawals import VOIDED, WITHDRAWABLE


def reactions(store: MongoStore, now: Callable[[], datetime]) -> Reactions:
    on = Reactions()

    def queued(message: Envelope[Any]) -> Sequence[Dispatch]:
        wanted = MAILS[type(message.data)](message.data) if type(message.data) in MAILS else []
        return [_queued(message, one, now()) for one in wanted]

    @on(*(each for each in MAILS if each not in ENDING and each not in VOIDED))
    def queue_mails(message: Envelope[Any]) -> Sequence[Dispatch]:
        return queued(message)

    @on(*ENDING)
    async def when_mails_are_void(message: Envelope[Any]) -> Sequence[Dispatch]:
        """Withdraws waiting mails about the same subject, and queues the new ones."""
        withdrawn = await _withdrawn(store, message, now()) if ends_mails(message.data) else []
        return [*withdrawn, *queued(message)]

    @on(*VOIDED)
    async def when_links_are_void(message: Envelope[Any]) -> Sequence[Dispatch]:
        """The same for some of the mails: those whose link was replaced or used, or that ask for what is over."""
        templates = VOIDED[type(message.data)]
        return [*await _withdrawn(store, message, now(), templates), *queued(message)]

    @on(UserPurged)
    async def when_user_purged(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        """Erases the recipient of every mail about the user.

        Messages about a user have one key in one topic, so all its mails are here before the purge.
        """
        found = store.find_all(MAIL, {"state.letter.about": message.data.user_id})
        chosen = store.find_all(PREFERENCES, {"state.user_id": message.data.user_id})
        return [
            *[Dispatch(MAIL, id, ForgetRecipient()) async for id, _ in found],
            *[Dispatch(PREFERENCES, id, ForgetPreferences()) async for id, _ in chosen],
        ]

    @on(OrganizationErased)
    async def when_organization_erased(message: Envelope[OrganizationErased]) -> Sequence[Dispatch]:
        """Erases the recipients of the organization's mails, also of people who were no users, such as contacts."""
        found = store.find_all(MAIL, {"tenant": message.data.organization_id})
        return [Dispatch(MAIL, id, ForgetRecipient()) async for id, _ in found]

    @on(UserAddressChanged)
    async def when_address_changed(message: Envelope[UserAddressChanged]) -> Sequence[Dispatch]:
        """The preferences go with the user: somebody else may have the old address one day."""
        old = PREFERENCES.id(preferences_key(message.data.previous.email))
        found = await store.get(PREFERENCES, old)
        if found is None or found.changed_at is None:
            return []
        adopted = AdoptPreferences(
            muted=found.muted, language=found.language, user_id=message.data.user_id, at=message.time
        )
        own = PREFERENCES.id(preferences_key(message.data.email))
        return [Dispatch(PREFERENCES, own, adopted), Dispatch(PREFERENCES, old, ForgetPreferences())]

    return on


async def _withdrawn(
    store: MongoStore, message: Envelope[Any], now: datetime, templates: Sequence[str] = ()
) -> Sequence[Dispatch]:
    """Not those of the message itself: it may be read a second time. ``templates`` empty: all of them."""
    where: dict[str, Any] = {
        "state.letter.cause_subject": message.subject,
        "state.letter.withdrawable": True,
        "state.letter.cause_id": {"$ne": message.id},
        "$or": [{"state.status": {"$in": ["queued", "sending", "deferred"]}}, {"state.retry_until": {"$ne": None}}],
    }
    if templates:
        where["state.letter.template"] = {"$in": list(templates)}
    return [Dispatch(MAIL, id, WithdrawMail(now)) async for id, _ in store.find_all(MAIL, where)]


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
        cause_subject=message.subject,
        withdrawable=wanted.withdrawable or wanted.template in WITHDRAWABLE,
        reply_to=wanted.reply_to,
        cause_id=message.id,
        correlation_id=message.correlationid,
        tenant=organization_of(message.data),
        queued_at=now,
    )
    return Dispatch(MAIL, MAIL.id(mail_id), QueueMail(letter), fresh=True)
