"""A provider's profile in the directory: edited by the provider, published or not.

It is in the directory while it is published and the provider is an active partner. The document has a copy of the
provider's name and standing, which follows the partner's, so that the directory is one query.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal, assert_never

from kontor_contracts.directory import ProfileEdited, ProfilePublished, ProfileUnpublished, ProviderProfile
from kontor_contracts.envelope import Refusal
from relationships.domain.partner import Company

MOST_LOCATIONS = 5
"""In one country (the program's limit)."""

EMPTY = ProviderProfile()

# -- state


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The company as its partner document has it."""

    organization_id: str
    name: str
    country: str
    region: str
    active: bool


@dataclass(frozen=True, slots=True)
class State:
    """``provider`` None: no such provider is known, or not any more."""

    provider: Provider | None = None
    profile: ProviderProfile = EMPTY
    published: bool = False
    changed_at: datetime | None = None

    @property
    def listed(self) -> bool:
        """Only a listed provider is in the directory and can be asked for a partnership there."""
        return self.published and self.provider is not None and self.provider.active


def provider_of(company: Company) -> Provider:
    return Provider(
        organization_id=company.partner.organization_id,
        name=company.partner.name,
        country=company.country,
        region=company.region,
        active=company.active,
    )


# -- commands


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteProfile:
    """The whole profile. ``regions``: of the countries that are served, by the list that ``own_region`` comes from."""

    provider: Provider
    profile: ProviderProfile
    own_region: str | None
    regions: frozenset[str | None]
    at: datetime


@dataclass(frozen=True, slots=True)
class PublishProfile:
    at: datetime


@dataclass(frozen=True, slots=True)
class UnpublishProfile:
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowProvider:
    """The provider's name or standing changed."""

    provider: Provider
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseProfile:
    """The provider is gone for good."""

    ERASES: ClassVar[bool] = True


Command = WriteProfile | PublishProfile | UnpublishProfile | FollowProvider | EraseProfile

# -- events

Reason = Literal["country-outside-region", "profile-incomplete", "profile-missing", "too-many-locations"]


class ProfileRefused(Refusal):
    """Only over HTTP: no command on a profile comes over the bus."""

    TYPE: ClassVar[str] = "kontor.relationships.profile-refused.v1"
    reason: Reason
    detail: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderFollowed:
    provider: Provider


@dataclass(frozen=True, slots=True)
class ProfileErased:
    pass


Fact = ProfileEdited | ProviderFollowed | ProfileErased | ProfilePublished | ProfileUnpublished | ProfileRefused

# -- decide, evolve


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case WriteProfile():
            return _write(command, state)
        case PublishProfile(at):
            return _publish(state, at)
        case UnpublishProfile(at):
            return _unpublish(state, at)
        case FollowProvider(provider, at):
            return _follow(provider, state, at)
        case EraseProfile():
            return [ProfileErased()] if state != State() else []
        case _:
            assert_never(command)


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case ProfileEdited(profile=profile, edited_at=at):
            return replace(state, profile=profile, changed_at=at)
        case ProviderFollowed(provider):
            return replace(state, provider=provider)
        case ProfilePublished():
            return replace(state, published=True)
        case ProfileUnpublished():
            return replace(state, published=False)
        case ProfileErased():
            return State()
        case ProfileRefused():
            return state
        case _:
            assert_never(fact)


# -- rules


def _write(command: WriteProfile, state: State) -> list[Fact]:
    profile, provider = command.profile, command.provider
    if command.regions - {command.own_region}:
        detail = "a provider serves countries of its own region of the program; leave out the others"
        return [ProfileRefused(reason="country-outside-region", detail=detail, field="countries_served")]
    if any(number > MOST_LOCATIONS for number in Counter(one.country for one in profile.locations).values()):
        detail = f"give at most {MOST_LOCATIONS} locations in one country"
        return [ProfileRefused(reason="too-many-locations", detail=detail, field="locations")]
    if state.published and _missing(profile):
        return [_incomplete(profile)]
    facts: list[Fact] = [] if state.provider == provider else [ProviderFollowed(provider)]
    if profile == state.profile:
        return facts
    edited = ProfileEdited(
        organization_id=provider.organization_id, profile=profile, previous=state.profile, edited_at=command.at
    )
    return [*facts, edited, _published(provider, profile, command.at)] if state.published else [*facts, edited]


def _publish(state: State, at: datetime) -> list[Fact]:
    if state.provider is None or state.changed_at is None:
        return [ProfileRefused(reason="profile-missing", detail="write the profile first, then publish it")]
    if state.published:
        return []
    if _missing(state.profile):
        return [_incomplete(state.profile)]
    return [_published(state.provider, state.profile, at)]


def _unpublish(state: State, at: datetime) -> list[Fact]:
    if not state.published or state.provider is None:
        return []
    return [ProfileUnpublished(organization_id=state.provider.organization_id, unpublished_at=at)]


def _follow(provider: Provider, state: State, at: datetime) -> list[Fact]:
    if provider == state.provider:
        return []
    renamed = state.provider is not None and state.provider.name != provider.name
    announced: list[Fact] = [_published(provider, state.profile, at)] if state.published and renamed else []
    return [ProviderFollowed(provider), *announced]


def _published(provider: Provider, profile: ProviderProfile, at: datetime) -> ProfilePublished:
    return ProfilePublished(
        organization_id=provider.organization_id,
        name=provider.name,
        country=provider.country,
        region=provider.region,
        profile=profile,
        published_at=at,
    )


def _missing(profile: ProviderProfile) -> str | None:
    """The first field that a published profile needs and this one lacks."""
    needed = {
        "description": profile.description,
        "languages": profile.languages,
        "countries_served": profile.countries_served,
    }
    return next((name for name, value in needed.items() if not value), None)


def _incomplete(profile: ProviderProfile) -> ProfileRefused:
    detail = "a published profile needs a description, a language and a country that is served; complete it first"
    return ProfileRefused(reason="profile-incomplete", detail=detail, field=_missing(profile))
