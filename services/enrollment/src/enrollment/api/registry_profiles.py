"""The membership registry for its operators: keep one profile, list, search and read them with their history."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from chassis import (
    Cause,
    Change,
    Handler,
    MongoStore,
    Page,
    PageQuery,
    Principal,
    list_filter,
    new_router,
    not_found,
    require,
)
from chassis.http.pages import token_hash
from enrollment.access_codes import AccessCodes
from enrollment.api.base_views import View
from enrollment.api.forms import RegistryProfileForm
from enrollment.documents import PROFILE
from enrollment.domain.profile import (
    ALL,
    NO_CODE,
    ImportProfile,
    Keeper,
    KeptBy,
    ListProfile,
    Profile,
    ProfileKind,
    ProfileStatus,
    ProgramState,
    RegistryEntry,
    list_key,
)
from kontor_contracts.addresses import address_key
from kontor_contracts.values import Country, PartnerId

Operator = Annotated[Principal, require("profiles:import")]


class RegistryProfileView(View):
    """``has_access_code`` false: nobody can sign in to this profile until an operator gives it a code."""

    partner_id: str
    membership_account: str
    has_access_code: bool
    company_name: str
    country: str
    status: ProfileStatus
    kind: ProfileKind
    program_state: ProgramState


class ProfileFieldView(View):
    """``old`` and ``new`` are null for an access code."""

    field: str
    old: str | None
    new: str | None


class ProfileChangeView(View):
    at: datetime
    by: str
    way: KeptBy
    changes: list[ProfileFieldView]


class RegistryProfileFileView(RegistryProfileView):
    """``history``: the last hundred changes, the newest first."""

    history: list[ProfileChangeView]


@dataclass(frozen=True, slots=True)
class Wanted:
    keys: tuple[str, ...]
    words: tuple[str, ...]
    descending: bool


def wanted(  # noqa: PLR0917  one parameter of the request each
    q: Annotated[str, Query(max_length=200, description="words of the partner id, account or company name")] = "",
    status: ProfileStatus | None = None,
    kind: ProfileKind | None = None,
    country: Country | None = None,
    program_state: ProgramState | None = None,
    membership_account: Annotated[str | None, Query(max_length=254)] = None,
    sort: Literal["partner_id", "-partner_id"] = "partner_id",
) -> Wanted:
    # The shortest list comes first: the index reads its entries, and the other lists filter them.
    keys = [list_key("account", address_key(membership_account))] if membership_account else []
    keys += [list_key("country", country)] if country else []
    keys += [list_key("program_state", program_state)] if program_state else []
    keys += [list_key("kind", kind)] if kind else []
    keys += [list_key("status", status)] if status else []
    return Wanted((*keys, ALL), tuple(q.casefold().split()), sort.startswith("-"))


ProfileQuery = Annotated[Wanted, Depends(wanted)]


def router(store: MongoStore, handler: Handler, codes: AccessCodes) -> APIRouter:
    routes = new_router("/v1/partner-profiles", tags=["partner profiles"])

    @routes.get("")
    async def list_registry_profiles(_: Operator, query: ProfileQuery, paging: PageQuery) -> Page[RegistryProfileView]:
        """The profiles of the membership registry, by partner id."""
        first, *rest = query.keys
        where = list_filter(keys=rest, words=query.words)
        limit, after = paging.limit + 1, paging.after
        found = await store.list_page(PROFILE, first, where, limit=limit, after=after, descending=query.descending)
        return paging.page([(order, _view(state)) for order, state in found])

    @routes.get("/{partner_id}")
    async def show_registry_profile(partner_id: str, _: Operator) -> RegistryProfileFileView:
        """A profile with its history: who changed what, when, and by which way."""
        state = await store.get(PROFILE, PROFILE.id(partner_id))
        if state is None:
            raise not_found("profile")
        return _file(state)

    @routes.put("/{partner_id}")
    async def keep_registry_profile(
        partner_id: PartnerId, form: RegistryProfileForm, change: Change, caller: Operator
    ) -> RegistryProfileFileView:
        """Enter or change one profile. The same profile again changes nothing.

        An access code belongs to its membership account: give it again where the account changes.
        """
        cause = change.cause(caller)
        bare = token_hash(form.access_code) if form.access_code else NO_CODE
        facts = form.model_dump(exclude={"access_code", "membership_account"})
        account = address_key(form.membership_account)
        entry = RegistryEntry(partner_id=partner_id, access_code_hash=bare, membership_account=account, **facts)
        command = ImportProfile(codes.keyed(entry), change.scope(caller), Keeper(cause.actor, cause.time, "api"))
        outcome = await handler.handle(PROFILE, PROFILE.id(partner_id), command, cause)
        return _file(outcome.state)

    return routes


def list_stored(store: MongoStore, handler: Handler) -> Callable[[Cause], Awaitable[None]]:
    """A migration: puts profiles of older releases in the list. Idempotent."""

    async def migrate(cause: Cause) -> None:
        async for id, _ in store.find_all(PROFILE, {"$nor": [list_filter(keys=[ALL])]}):
            await handler.handle(PROFILE, id, ListProfile(), cause)

    return migrate


def _view(state: Profile) -> RegistryProfileView:
    return RegistryProfileView.model_validate(_facts(state))


def _file(state: Profile) -> RegistryProfileFileView:
    history = [
        {
            "at": kept.keeper.at,
            "by": kept.keeper.by,
            "way": kept.keeper.way,
            "changes": [ProfileFieldView.model_validate(one) for one in kept.changes],
        }
        for kept in reversed(state.history)
    ]
    return RegistryProfileFileView.model_validate(_facts(state) | {"history": history})


def _facts(state: Profile) -> dict[str, object]:
    assert state.entry, "a stored profile has an entry"
    names = RegistryProfileView.model_fields.keys() - {"has_access_code"}
    known: dict[str, object] = {name: getattr(state.entry, name) for name in names}
    return known | {"has_access_code": state.entry.access_code_hash != NO_CODE}
