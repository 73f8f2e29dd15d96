"""Commands of other services about profiles of the membership registry (topic ``enrollment.commands``)."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from chassis import BadCommand, Dispatch, InvalidError, MongoStore, Reactions, derived_id
from enrollment.documents import PROFILE, REFUSALS
from enrollment.domain.profile import NO_CODE, ImportProfile, Keeper, RegistryEntry, RetireProfile
from enrollment.domain.refused_command import RefuseCommand, RefuseUnknown, refusals_of
from kontor_contracts import Envelope
from kontor_contracts.addresses import address_key
from kontor_contracts.enrollment import RetirePartnerProfile, UpsertPartnerProfile


def follow_registry(
    on: Reactions, store: MongoStore, writers: Collection[str] | None, now: Callable[[], datetime]
) -> None:
    """``writers``: the sources that may keep profiles; None: every writer to the topic."""

    def keeper(message: Envelope[Any]) -> Keeper:
        """Our own clock: a writer's cannot be trusted. Raises InvalidError for a message that may not keep the profile."""
        partner_id = message.data.partner_id
        if message.partitionkey != partner_id:
            raise InvalidError(f"partitionkey: it must be {partner_id}, or the order per profile is lost")
        if writers is not None and message.source not in writers:
            raise InvalidError("source: it may not keep profiles; see KONTOR_REGISTRY_WRITERS", stray=True)
        return Keeper(f"source:{message.source}", now(), "message")

    @on(UpsertPartnerProfile)
    def when_profile_is_to_be_kept(message: Envelope[UpsertPartnerProfile]) -> Sequence[Dispatch]:
        by, wanted = keeper(message), message.data
        account = address_key(wanted.membership_account)
        facts = wanted.model_dump(exclude={"membership_account"})
        entry = RegistryEntry(**facts, membership_account=account, access_code_hash=NO_CODE)
        return [Dispatch(PROFILE, PROFILE.id(wanted.partner_id), ImportProfile(entry, _import_id(message), by))]

    @on(RetirePartnerProfile)
    async def when_profile_is_to_be_retired(message: Envelope[RetirePartnerProfile]) -> Sequence[Dispatch]:
        """A command about an unknown profile does not create it."""
        by, partner_id = keeper(message), message.data.partner_id
        id = PROFILE.id(partner_id)
        if await store.get(PROFILE, id) is None:
            return [Dispatch(REFUSALS, REFUSALS.id(refusals_of(message.source)), RefuseUnknown(partner_id))]
        return [Dispatch(PROFILE, id, RetireProfile(partner_id, _import_id(message), by))]

    @on.on_bad_command
    def when_command_breaks_the_contract(bad: BadCommand) -> Dispatch:
        refuse = RefuseCommand(
            id=bad.id, source=bad.source, type=bad.type, fault=bad.fault, field=bad.field, detail=bad.detail
        )
        return Dispatch(REFUSALS, REFUSALS.id(refusals_of(bad.source)), refuse)


def _import_id(message: Envelope[Any]) -> str:
    return derived_id("registry-command", message.source, message.id)
