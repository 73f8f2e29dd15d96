"""The search text, the filters and the order of customer lists, and which index key finds a page of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from chassis import list_filter
from kontor_contracts.customers import Channel
from relationships.domain.customer.listing import ListState, channel_key, list_key, origin_key, word_key
from relationships.domain.customer.state import Origin
from relationships.domain.listing_words import WORD_START, search_words

Sort = Literal["name", "-name", "since", "-since"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks of a list."""

    words: tuple[str, ...] = ()
    state: ListState = "active"
    origin: Origin | None = None
    channel: Channel | None = None
    since_from: date | None = None
    since_to: date | None = None
    descending: bool = False
    by_since: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """``key``: the list whose index finds the page; ``where``: what of it is left out. ``second``: in the order by date."""

    key: str
    where: Mapping[str, Any] = field(default_factory=dict)
    second: bool = False


def wanted(  # noqa: PLR0917  one parameter of the request each
    q: Annotated[str, Query(max_length=100, description="beginnings of words of the name or of the mail domain")] = "",
    state: Annotated[ListState, Query(description="ended: customers that no longer work with the caller")] = "active",
    origin: Annotated[Origin | None, Query(description="imported: from another portal")] = None,
    channel: Channel | None = None,
    since_from: Annotated[date | None, Query(description="first day of the relationship (UTC) or later")] = None,
    since_to: Annotated[date | None, Query(description="last day, included")] = None,
    sort: Annotated[Sort, Query(description="since: by the date of the caller's own relationship")] = "name",
    total: Annotated[bool, Query(description="count all customers that match; this costs a second query")] = False,
) -> Wanted:
    descending, by_since = sort.startswith("-"), sort.endswith("since")
    return Wanted(search_words(q), state, origin, channel, since_from, since_to, descending, by_since, total)


ListQuery = Annotated[Wanted, Depends(wanted)]


def filter_for(wanted: Wanted, partner_id: str, *, shared_with: str | None = None, fewest: str | None = None) -> Filter:
    """The customers of a partner, the viewer. ``shared_with``: those that a second partner has, too.

    Filters look at the viewer's own relationships: what the second partner notes is not the viewer's to find out.
    ``fewest``: the one of the two with fewer customers. The index is entered by the key that leaves fewest.
    """
    state = wanted.state
    keys = [word_key(partner_id, state, word) for word in wanted.words if len(word) >= WORD_START]
    if wanted.channel:
        keys.append(channel_key(partner_id, state, wanted.channel))
    if wanted.origin:
        keys.append(origin_key(partner_id, state, wanted.origin))
    lists = [partner_id, shared_with] if shared_with else [partner_id]
    keys += [list_key(one, state) for one in sorted(lists, key=lambda one: one != fewest)]
    if wanted.by_since:
        # Only the viewer's own list has the order by the viewer's dates.
        keys.sort(key=lambda one: one != list_key(partner_id, state))
    where = list_filter(keys=keys[1:], words=wanted.words, where=_since(wanted, partner_id))
    return Filter(keys[0], where, wanted.by_since)


def _since(wanted: Wanted, partner_id: str) -> list[dict[str, Any]]:
    bounds: dict[str, str] = {}
    if wanted.since_from:
        bounds["$gte"] = wanted.since_from.isoformat()
    if wanted.since_to and wanted.since_to < date.max:
        bounds["$lt"] = (wanted.since_to + timedelta(days=1)).isoformat()
    # Moments are stored as text that begins with the day, in UTC.
    return [{"state.relationships": {"$elemMatch": {"partner_id": partner_id, "since": bounds}}}] if bounds else []
