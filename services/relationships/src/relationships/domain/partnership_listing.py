"""Where a partnership stands in the lists of its two companies: keys, order and the text that searches look at (ADR 30)."""

from collections.abc import Iterator

from relationships.domain.listing_words import LONGEST_NAME, WORD_START, date_form, search_words, sort_form
from relationships.domain.partnership import Partnership, PartnershipShown, State


def list_key(organization_id: str, shown: PartnershipShown) -> str:
    return f"{organization_id}|{shown}"


def word_key(organization_id: str, shown: PartnershipShown, word: str) -> str:
    """Of a word of the other company's name: its first letters."""
    return f"{organization_id}|{shown}|word={word[:WORD_START]}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. Each side finds the partnership by the other's name.

    A reseller's own name comes first in the order and is the same in all its partnerships, so its list is in the order of
    the providers' names.
    """
    pair = state.partnership
    if pair is None:
        return None
    provider, reseller = pair.provider, pair.reseller
    keys = dict.fromkeys(
        (*_keys(provider.organization_id, reseller.name, pair), *_keys(reseller.organization_id, provider.name, pair))
    )
    names = (sort_form(name)[:LONGEST_NAME] for name in (reseller.name, provider.name))
    text = " ".join(search_words(f"{provider.name} {provider.partner_id} {reseller.name} {reseller.partner_id}"))
    return tuple(keys), "\t".join((*names, pair.partnership_id)), text


def by_since(state: State) -> dict[str, str]:
    """The order by the date since when the two work together, the same in the lists of both."""
    pair = state.partnership
    if pair is None:
        return {}
    order, sides = date_form(pair.since, pair.partnership_id), (pair.provider, pair.reseller)
    return {list_key(one.organization_id, shown): order for one in sides for shown in _shown(pair)}


def _shown(pair: Partnership) -> tuple[PartnershipShown, ...]:
    return (pair.status, "all") if pair.ended else (pair.status, "present", "all")


def _keys(organization_id: str, other_name: str, pair: Partnership) -> Iterator[str]:
    for shown in _shown(pair):
        yield list_key(organization_id, shown)
        for word in search_words(other_name):
            yield from (word_key(organization_id, shown, word[:length]) for length in range(1, WORD_START + 1))
