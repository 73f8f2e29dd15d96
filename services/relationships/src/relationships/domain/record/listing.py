"""Where a record stands in the lists of provider, resellers, customer and the program's staff: keys, order and text (ADR 30)."""

from collections.abc import Iterator
from typing import Literal

from relationships.domain.listing_words import LONGEST_NAME, WORD_START, search_words, sort_form
from relationships.domain.record.state import Record, State, names

Shown = Literal["active", "ended"]
EVERYBODYS = "*"
"""The list of the program's staff. No organization has this id."""


def list_key(viewer: str, shown: Shown) -> str:
    return f"{viewer}|{shown}"


def customer_key(viewer: str, shown: Shown, customer_id: str) -> str:
    return f"{viewer}|{shown}|customer={customer_id}"


def partner_key(viewer: str, shown: Shown, partner_id: str) -> str:
    """Of the other partner: the provider for a reseller, the reseller for all others."""
    return f"{viewer}|{shown}|partner={partner_id}"


def word_key(viewer: str, shown: Shown, word: str) -> str:
    return f"{viewer}|{shown}|word={word[:WORD_START]}"


def shown_to(record: Record, viewer: str) -> Shown | None:
    """The list of the viewer in which the record stands; None: in none. A reseller's ends when another one is named."""
    if viewer in {record.provider.organization_id, record.customer_id, EVERYBODYS}:
        return "active" if record.current else "ended"
    if names(record, viewer):
        return "active"
    return "ended" if any(one.naming.reseller.organization_id == viewer for one in record.past) else None


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    record = state.record
    if record is None:
        return None
    words = search_words(record.subscription_id)
    resellers = [one.naming.reseller for one in record.past]
    if record.current:
        resellers.append(record.current.reseller)
    keys = dict.fromkeys(_keys_of_all(record, words))
    for one in resellers:
        keys |= dict.fromkeys(_keys(record, one.organization_id, (record.provider.partner_id,), words))
    order = f"{sort_form(record.subscription_id)[:LONGEST_NAME]}\t{record.record_id}"
    return tuple(keys), order, " ".join(words)


def _keys_of_all(record: Record, words: tuple[str, ...]) -> Iterator[str]:
    named = [record.current.reseller] if record.current else [one.naming.reseller for one in record.past]
    partners = tuple(one.partner_id for one in named)
    for viewer in (record.provider.organization_id, record.customer_id, EVERYBODYS):
        yield from _keys(record, viewer, partners, words)


def _keys(record: Record, viewer: str, partner_ids: tuple[str, ...], words: tuple[str, ...]) -> Iterator[str]:
    shown = shown_to(record, viewer)
    if shown is None:
        return
    yield list_key(viewer, shown)
    yield customer_key(viewer, shown, record.customer_id)
    for partner_id in partner_ids:
        yield partner_key(viewer, shown, partner_id)
    for word in words:
        if len(word) >= WORD_START:
            yield word_key(viewer, shown, word)
