"""The directory of providers over HTTP: public to read, each profile edited by its provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from chassis import (
    Change,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    UnsafeRequest,
    list_filter,
    new_router,
    not_found,
    require,
)
from kontor_contracts.directory import ProviderProfile, ProviderService, SupportLevel
from kontor_contracts.markets import region_of
from kontor_contracts.values import Country
from relationships import lookups
from relationships.api.directory_forms import Language, ProfileForm
from relationships.documents import PROFILE
from relationships.domain.listing_words import search_words
from relationships.domain.partner import Company
from relationships.domain.profile import (
    Command,
    Provider,
    PublishProfile,
    State,
    UnpublishProfile,
    WriteProfile,
    provider_of,
)
from relationships.domain.profile_listing import (
    EVERYBODY,
    country_key,
    language_key,
    service_key,
    support_key,
    word_key,
)

Editor = Annotated[Principal, require("directory:publish")]
Reader = Annotated[Principal, require("partnerships:read")]


class ProviderView(BaseModel):
    """A provider in the directory. It shows no person."""

    organization_id: str
    name: str
    country: str
    region: str
    profile: ProviderProfile


class ProfileView(BaseModel):
    """The own profile. ``listed``: it is in the directory now, because it is published and the provider is active."""

    profile: ProviderProfile
    published: bool
    listed: bool
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keys of the lists that a provider has to be in, beginning with the one that leaves fewest; words of the search."""

    keys: tuple[str, ...]
    words: tuple[str, ...]
    descending: bool


def wanted(  # noqa: PLR0917  one parameter of the request each
    q: Annotated[str, Query(max_length=100, description="beginnings of words of the name or of a tag")] = "",
    country: Annotated[Country | None, Query(description="providers that serve this country")] = None,
    service: Annotated[ProviderService | None, Query(description="providers that help with this")] = None,
    language: Annotated[Language | None, Query(description="providers that speak this language")] = None,
    support_level: Annotated[SupportLevel | None, Query(description="providers with this support")] = None,
    sort: Literal["name", "-name"] = "name",
) -> Wanted:
    words = search_words(q)
    keys = [word_key(word) for word in words]
    keys += [country_key(country)] if country else []
    keys += [language_key(language)] if language else []
    keys += [service_key(service)] if service else []
    keys += [support_key(support_level)] if support_level else []
    return Wanted((*keys, EVERYBODY), words, sort == "-name")


ListQuery = Annotated[Wanted, Depends(wanted)]


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1/directory", tags=["directory"])
    _public(routes, store)
    _own(routes, store, Profiles(store, handler))
    return routes


def _public(routes: APIRouter, store: MongoStore) -> None:
    @routes.get("/providers")
    async def search_directory(paging: PageQuery, wanted: ListQuery) -> Page[ProviderView]:
        """Providers that published a profile, for everybody. No account is needed."""
        found = await store.list_page(
            PROFILE,
            wanted.keys[0],
            list_filter(keys=wanted.keys[1:], words=wanted.words),
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
        )
        companies = await lookups.companies(store, [id for _, state in found if (id := _company(state))])
        views = [(order, _shown(state, companies.get(_company(state) or ""))) for order, state in found]
        # The cursor follows from all that was found: what is not shown must not end the list.
        page = paging.page(views)
        return Page(items=[view for view in page.items if view], next_cursor=page.next_cursor)

    @routes.get("/providers/{organization_id}")
    async def show_provider(organization_id: str) -> ProviderView:
        """One provider of the directory; 404 for any other company. No account is needed."""
        state = await store.get(PROFILE, PROFILE.id(organization_id))
        company = await lookups.active_partner(store, organization_id)
        view = _shown(state, company) if state else None
        if view is None:
            raise not_found("provider")
        return view


class Profiles:
    """Commands of a provider on its own profile."""

    def __init__(self, store: MongoStore, handler: Handler) -> None:
        self._store = store
        self._handler = handler

    async def write(self, form: ProfileForm, caller: Principal, request: UnsafeRequest) -> ProfileView:
        provider = await self.provider(caller)
        profile, cause = form.profile(), request.cause(caller)
        command = WriteProfile(
            provider=provider,
            profile=profile,
            own_region=region_of(provider.country),
            regions=frozenset(map(region_of, profile.countries_served)),
            at=cause.time,
        )
        return await self.run(command, caller, request)

    async def provider(self, caller: Principal) -> Provider:
        """The caller's company. 409 unless it is an active partner."""
        company = await lookups.active_partner(self._store, caller.organization_id)
        if company is None:
            raise ProblemError(
                409, "partner-not-active", "your company is not an active partner; complete its enrollment first"
            )
        return provider_of(company)

    async def run(self, command: Command, caller: Principal, request: UnsafeRequest) -> ProfileView:
        id = PROFILE.id(caller.organization_id)
        outcome = await self._handler.handle(PROFILE, id, command, request.cause(caller))
        return _own_view(outcome.state)


def _own(routes: APIRouter, store: MongoStore, profiles: Profiles) -> None:
    @routes.get("/profile")
    async def show_profile(caller: Reader) -> ProfileView:
        """The profile of the caller's company, published or not; empty until it is written."""
        return _own_view(await store.get_or_initial(PROFILE, PROFILE.id(caller.organization_id)))

    @routes.put("/profile")
    async def write_profile(body: ProfileForm, change: Change, caller: Editor) -> ProfileView:
        """Write the whole profile. A published one is in the directory as written at once."""
        return await profiles.write(body, caller, change)

    @routes.post("/profile/publish")
    async def publish_profile(once: Once, caller: Editor) -> ProfileView:
        """Put the profile into the directory. It needs a description, a language and a country that is served."""
        await profiles.provider(caller)
        return await profiles.run(PublishProfile(once.cause(caller).time), caller, once)

    @routes.post("/profile/unpublish")
    async def unpublish_profile(once: Once, caller: Editor) -> ProfileView:
        """Take the profile out of the directory. It is kept."""
        return await profiles.run(UnpublishProfile(once.cause(caller).time), caller, once)


def _company(state: State) -> str | None:
    return state.provider.organization_id if state.provider else None


def _shown(state: State, company: Company | None) -> ProviderView | None:
    """A suspension counts at once: the profile follows the company's document moments later."""
    if company is None or not company.active or not state.listed:
        return None
    return ProviderView(
        organization_id=company.partner.organization_id,
        name=company.partner.name,
        country=company.country,
        region=company.region,
        profile=state.profile,
    )


def _own_view(state: State) -> ProfileView:
    return ProfileView(
        profile=state.profile, published=state.published, listed=state.listed, changed_at=state.changed_at
    )
