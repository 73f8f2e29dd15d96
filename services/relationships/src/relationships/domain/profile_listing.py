"""Where a profile stands in the directory: one key for each filter, in the order of the names (ADR 30)."""

from collections.abc import Iterator

from kontor_contracts.directory import ProviderService, SupportLevel
from relationships.domain.listing_words import LONGEST_NAME, WORD_START, search_words, sort_form
from relationships.domain.profile import State

EVERYBODY = "directory"


def country_key(country: str) -> str:
    return f"{EVERYBODY}|country={country}"


def language_key(language: str) -> str:
    return f"{EVERYBODY}|language={language}"


def service_key(service: ProviderService) -> str:
    return f"{EVERYBODY}|service={service}"


def support_key(level: SupportLevel) -> str:
    return f"{EVERYBODY}|support={level}"


def word_key(word: str) -> str:
    """Of a word of the name or of a tag: its first letters."""
    return f"{EVERYBODY}|word={word[:WORD_START]}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. None: the provider is not in the directory."""
    provider, profile = state.provider, state.profile
    if provider is None or not state.listed:
        return None
    words = search_words(" ".join((provider.name, *profile.industries, *profile.products)))
    keys = tuple(dict.fromkeys((EVERYBODY, *_filters(state), *_words(words))))
    return keys, f"{sort_form(provider.name)[:LONGEST_NAME]}\t{provider.organization_id}", " ".join(words)


def _filters(state: State) -> Iterator[str]:
    profile = state.profile
    yield from map(country_key, profile.countries_served)
    yield from map(language_key, profile.languages)
    yield from map(service_key, profile.services)
    if profile.support_level:
        yield support_key(profile.support_level)


def _words(words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        yield from (word_key(word[:length]) for length in range(1, WORD_START + 1))
