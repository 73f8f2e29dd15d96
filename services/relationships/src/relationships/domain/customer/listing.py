"""Where a customer stands in the lists of its partners: keys, order and the text that searches look at.

A list has one key, ``<partner id>|<state>``, and each filter another: the index finds a page by one of them.
"""

from collections.abc import Iterator
from typing import Literal

from kontor_contracts.authz.rules import ACTIONS, PERMITTED_BY
from kontor_contracts.customers import Action, Channel
from relationships.domain.customer.state import Origin, Relationship, State
from relationships.domain.listing_words import LONGEST_NAME, WORD_START, date_form, search_words, sort_form

ListState = Literal["active", "ended"]


def list_key(partner_id: str, state: ListState) -> str:
    return f"{partner_id}|{state}"


def origin_key(partner_id: str, state: ListState, origin: Origin) -> str:
    return f"{partner_id}|{state}|origin={origin}"


def channel_key(partner_id: str, state: ListState, channel: Channel) -> str:
    return f"{partner_id}|{state}|channel={channel}"


def word_key(partner_id: str, state: ListState, word: str) -> str:
    return f"{partner_id}|{state}|word={word[:WORD_START]}"


def right_key(partner_id: str, action: Action) -> str:
    """Customers for which the partner has the right, by the relationship or by a grant that may have expired since."""
    return f"{partner_id}|may={action}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. None: the customer is in no list, as a closed or matched one is."""
    account = state.account
    if account is None or account.closed or state.matched is not None:
        return None
    name = account.name if any(one.holds for one in state.relationships) else (_last_name(state) or account.name)
    words = search_words(f"{name} {account.domain or ''}")
    keys = tuple(dict.fromkeys(key for one in state.relationships for key in _keys(one, words)))
    return keys, f"{sort_form(name)[:LONGEST_NAME]}\t{account.customer_id}", " ".join(words)


def by_since(state: State) -> dict[str, str]:
    """The order by the date since when each partner works with the customer: it differs from list to list."""
    id = state.account.customer_id if state.account else ""
    return {
        list_key(one.partner_id, "active" if one.holds else "ended"): date_form(one.since, id)
        for one in state.relationships
    }


def _keys(relationship: Relationship, words: tuple[str, ...]) -> Iterator[str]:
    partner_id = relationship.partner_id
    state: ListState = "active" if relationship.holds else "ended"
    yield list_key(partner_id, state)
    yield origin_key(partner_id, state, relationship.origin)
    if relationship.channel:
        yield channel_key(partner_id, state, relationship.channel)
    for word in words:
        if len(word) >= WORD_START:
            yield word_key(partner_id, state, word)
    if relationship.holds:
        yield from (right_key(partner_id, action) for action in _actions(relationship))


def _actions(relationship: Relationship) -> Iterator[Action]:
    for action, permissions in PERMITTED_BY.items():
        granted = any(action in ACTIONS[role] for grant in relationship.grants for role in grant.roles)
        if granted or action == "view" or any(one in relationship.permissions for one in permissions):
            yield action


def _last_name(state: State) -> str | None:
    ended = [one for one in state.relationships if one.customer_name and one.ended_at]
    return max(ended, key=lambda one: str(one.ended_at)).customer_name if ended else None
