"""A provider's profile: written, published, hidden with its provider."""

from dataclasses import replace
from functools import reduce
from typing import Any

from unit.relationships.people import NOW

from kontor_contracts.directory import Location, ProfilePublished, ProviderProfile
from relationships.domain.profile import (
    EraseProfile,
    FollowProvider,
    ProfileRefused,
    Provider,
    PublishProfile,
    State,
    UnpublishProfile,
    WriteProfile,
    decide,
    evolve,
)
from relationships.domain.profile_listing import EVERYBODY, country_key, listing, word_key

NORD = Provider(organization_id="prov", name="Großhandel Nord AG", country="DE", region="europe", active=True)
PROFILE = ProviderProfile(description="Cloud", languages=("de",), countries_served=("DE",), products=("Telefonie",))
WRITE = WriteProfile(provider=NORD, profile=PROFILE, own_region="europe", regions=frozenset({"europe"}), at=NOW)
PUBLISH = PublishProfile(NOW)


def after(*commands: Any) -> State:
    state = State()
    for command in commands:
        state = reduce(evolve, decide(command, state), state)
    return state


def refusal(command: Any, state: State) -> tuple[str, str | None]:
    (fact,) = decide(command, state)
    assert isinstance(fact, ProfileRefused)
    return fact.reason, fact.field


def test_a_profile_is_in_the_directory_while_it_is_published() -> None:
    assert not after(WRITE).listed and listing(after(WRITE)) is None
    published = after(WRITE, PUBLISH)
    found = listing(published)
    assert published.listed and found is not None
    assert {EVERYBODY, country_key("DE"), word_key("telefonie"), word_key("nord")} <= set(found[0])
    assert decide(PUBLISH, published) == []
    hidden = after(WRITE, PUBLISH, UnpublishProfile(NOW))
    assert not hidden.listed and hidden.profile == PROFILE
    assert decide(UnpublishProfile(NOW), hidden) == []


def test_a_profile_is_hidden_while_its_provider_is_not_active() -> None:
    suspended = after(WRITE, PUBLISH, FollowProvider(replace(NORD, active=False), NOW))
    assert suspended.published and not suspended.listed and listing(suspended) is None
    assert reduce(evolve, decide(FollowProvider(NORD, NOW), suspended), suspended) == after(WRITE, PUBLISH)


def test_a_change_of_a_published_profile_is_announced_and_a_draft_is_not() -> None:
    other = replace(WRITE, profile=PROFILE.model_copy(update={"description": "Anders"}))
    assert not any(isinstance(fact, ProfilePublished) for fact in decide(other, after(WRITE)))
    assert any(isinstance(fact, ProfilePublished) for fact in decide(other, after(WRITE, PUBLISH)))
    assert decide(WRITE, after(WRITE)) == []
    renamed = decide(FollowProvider(replace(NORD, name="Süd"), NOW), after(WRITE, PUBLISH))
    assert [fact.name for fact in renamed if isinstance(fact, ProfilePublished)] == ["Süd"]


def test_a_profile_is_refused_beyond_its_limits() -> None:
    assert refusal(replace(WRITE, regions=frozenset({"europe", None})), State())[0] == "country-outside-region"
    many = PROFILE.model_copy(update={"locations": (Location(country="DE", city="Ulm"),) * 6})
    assert refusal(replace(WRITE, profile=many), State()) == ("too-many-locations", "locations")
    assert refusal(PUBLISH, State())[0] == "profile-missing"
    bare = replace(WRITE, profile=PROFILE.model_copy(update={"languages": ()}))
    assert refusal(PUBLISH, after(bare)) == ("profile-incomplete", "languages")
    assert refusal(bare, after(WRITE, PUBLISH)) == ("profile-incomplete", "languages")


def test_nothing_is_left_of_the_profile_of_an_erased_provider() -> None:
    assert after(WRITE, PUBLISH, EraseProfile()) == State()
    assert decide(EraseProfile(), State()) == []
