"""Reactions that write the activity log, and that erase the data of purged users."""

from collections.abc import Sequence
from typing import Any

from chassis import Dispatch, MongoStore, Reactions
from identity.activity.entries import actor_of, recording
from identity.activity.recorded import RECORDED
from identity.documents import AUDIT, FACTOR, LINK, SESSION, SIGN_UP, USER
from identity.domain.audit_entry import Forget
from identity.domain.external_account import UnlinkUser
from identity.domain.second_factor.commands import RemoveUnproved, TurnOff
from identity.domain.session import ExpireSession
from identity.sign_in.second_factors import notified
from kontor_contracts import Envelope
from kontor_contracts.identity import UserPasswordChanged, UserPurged


def record_activity(on: Reactions, store: MongoStore) -> None:
    """Every event gets an entry in the activity log, but for those in `NOT_RECORDED`.

    Sign-ups that are not proved leave no trace: strangers could fill the log with them.
    """

    @on(*RECORDED)
    async def record_event(message: Envelope[Any]) -> Sequence[Dispatch]:
        if message.subject.startswith(f"{SIGN_UP.kind}:"):
            return []
        return [recording(message, await organization_of_actor(actor_of(message)))]

    async def organization_of_actor(actor: str) -> str | None:
        if not actor.startswith(f"{USER.kind}:"):
            return None
        user = await store.get(USER, actor)
        return user.organization.organization_id if user and user.organization else None


def erase_purged_users(on: Reactions, store: MongoStore) -> None:
    """The user's own document erases itself. These commands erase the rest: log values, sessions, factor and links."""

    @on(UserPurged)
    async def erase_user_data(message: Envelope[UserPurged]) -> Sequence[Dispatch]:
        user_id = message.data.user_id
        return [*await log_values(message.subject), *await sign_ins(user_id), *await external_accounts(user_id)]

    async def log_values(subject: str) -> Sequence[Dispatch]:
        where = {"state.entry.subject": subject, "state.personal": True}
        return [Dispatch(AUDIT, id, Forget()) async for id, _ in store.find_all(AUDIT, where)]

    async def sign_ins(user_id: str) -> Sequence[Dispatch]:
        where = {"state.user_id": user_id, "state.revoked": False}
        live = [(id, session.expires_at) async for id, session in store.find_all(SESSION, where)]
        sessions = [Dispatch(SESSION, id, ExpireSession(ends)) for id, ends in live if ends is not None]
        factor = FACTOR.id(user_id)
        known = await store.get(FACTOR, factor)
        return [*sessions, Dispatch(FACTOR, factor, TurnOff(by_administrator=True))] if known else sessions

    async def external_accounts(user_id: str) -> Sequence[Dispatch]:
        where = {"state.user_id": user_id}
        return [Dispatch(LINK, id, UnlinkUser(user_id)) async for id, _ in store.find_all(LINK, where)]


def remove_unproved_factors(on: Reactions, store: MongoStore) -> None:
    """A reset by mail can remove a second factor from before the proof of the address. The factor is another document."""

    @on(UserPasswordChanged)
    async def remove_factor(message: Envelope[UserPasswordChanged]) -> Sequence[Dispatch]:
        user_id, void_before = message.data.user_id, message.data.factor_void_before
        if void_before is None:
            return []
        user = await store.get(USER, USER.id(user_id))
        if user is None or user.is_gone:
            return []
        return [Dispatch(FACTOR, FACTOR.id(user_id), RemoveUnproved(void_before, notified(user)))]
