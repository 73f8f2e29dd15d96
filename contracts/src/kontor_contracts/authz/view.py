"""What ``relationships.snapshot`` says, in memory. Records come in one by one; checks and lists are looked up here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, get_args

from kontor_contracts.authz.rules import (
    NO_RELATIONSHIP,
    PARTNER_NOT_ACTIVE,
    Held,
    Reason,
    Verdict,
    edge_of,
    verdict_by,
)
from kontor_contracts.customers import Action
from kontor_contracts.envelope import Headers, Payload, decode
from kontor_contracts.errors import UnknownTypeError
from kontor_contracts.relationships import CustomerSnapshot, Edge, EdgeGrant, PartnershipSnapshot, PartnerSnapshot
from kontor_contracts.topics import BY_NAME

TOPIC = BY_NAME["relationships.snapshot"]
SEQUENCE_HEADER = "sequence"
"""Of a tombstone, which has no value that could say it."""
ALL_ACTIONS: frozenset[str] = frozenset(get_args(Action))
FORMAT = 1


class StaleError(Exception):
    """The view is behind by more than was allowed, so it gives no answer. Ask the service over HTTP, or refuse."""

    def __init__(self, behind: float, allowed: float) -> None:
        super().__init__(f"the view of {TOPIC.name} may be {behind:.1f} s behind; {allowed:g} s are allowed")
        self.behind = behind


class Answer(NamedTuple):
    """As ``GET /v1/authorizations/check`` answers. ``edge`` names the relationship, ``version`` counts its changes."""

    allowed: bool
    reason: Reason
    edge: str | None = None
    version: int | None = None
    grant: str | None = None


class CustomerEdge(NamedTuple):
    """A partner of a customer. Kept as it came, without a dictionary for each: there may be millions."""

    partner_id: str
    permissions: tuple[Any, ...]
    version: int
    grants: tuple[EdgeGrant, ...]


class Customer(NamedTuple):
    """``sequence``: of the record that said so. Without edges, a tombstone did."""

    sequence: int
    edges: tuple[CustomerEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedView:
    """Where a saved view stands: the next offset by partition, and when it was saved."""

    offsets: Mapping[int, int]
    at: datetime


class View:
    """Customers, partnerships and active partners. It is as true as the records it was given."""

    def __init__(self) -> None:
        self._customers: dict[str, Customer] = {}
        self._customers_of: dict[str, set[str]] = {}
        self._partners: dict[str, tuple[int, str | None]] = {}
        self._partnerships: dict[str, tuple[int, PartnershipSnapshot | None]] = {}
        self._shared: dict[Any, Any] = {}

    # -- what the topic says

    def apply(self, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """One record, in the order of its partition. A late copy is passed over, as is a key of an unknown kind.

        Raises MalformedError.
        """
        kind, _, id = (key or b"").decode("utf-8", "replace").partition(":")
        if value is None:
            self._put(kind, id, _sequence_of(headers), None)
            return
        try:
            message = decode(value, headers, TOPIC.types)
        except UnknownTypeError:
            # Newer than this reader.
            return
        if message.source == TOPIC.source:
            self._put(kind, id, message.sequence, message.data)

    def _put(self, kind: str, id: str, sequence: int | None, said: Payload | None) -> None:
        match kind:
            case "customer":
                edges = said.edges if isinstance(said, CustomerSnapshot) else ()
                self._put_customer(id, sequence, tuple(self._edge(edge) for edge in edges))
            case "partner":
                known = self._partners.get(id)
                if (number := _newer(known[0] if known else 0, sequence)) is not None:
                    partner_id = self._one(said.partner_id) if isinstance(said, PartnerSnapshot) else None
                    self._partners[id] = (number, partner_id)
            case "partnership":
                pair = self._partnerships.get(id)
                if (number := _newer(pair[0] if pair else 0, sequence)) is not None:
                    self._partnerships[id] = (number, said if isinstance(said, PartnershipSnapshot) else None)

    def _put_customer(self, id: str, sequence: int | None, edges: tuple[CustomerEdge, ...]) -> None:
        before = self._customers.get(id)
        number = _newer(before.sequence if before else 0, sequence)
        if number is None:
            return
        self._customers[id] = Customer(number, edges)
        for edge in before.edges if before else ():
            self._customers_of[edge.partner_id].discard(id)
        for edge in edges:
            self._customers_of.setdefault(edge.partner_id, set()).add(id)

    def _edge(self, edge: Edge) -> CustomerEdge:
        return CustomerEdge(self._one(edge.partner_id), self._one(edge.permissions), edge.version, edge.grants)

    def _one(self, value: Any) -> Any:
        """The one object for equal values: there are few partners, and few kinds of permissions."""
        return self._shared.setdefault(value, value)

    # -- questions

    def may(self, organization_id: str, action: Action, customer_id: str, *, at: datetime | None = None) -> Answer:
        """Whether the partner may do this for the customer. ValueError for an action that is none."""
        if action not in ALL_ACTIONS:
            raise ValueError(f"action: {action} is none; ask for one of {', '.join(sorted(ALL_ACTIONS))}")
        return _said(self._verdict(organization_id, action, customer_id, at))

    def _verdict(self, organization_id: str, action: Action, customer_id: str, at: datetime | None) -> Verdict:
        partner_id = self.partner_id_of(organization_id)
        if partner_id is None:
            return PARTNER_NOT_ACTIVE
        customer = self._customers.get(customer_id)
        for one in customer.edges if customer else ():
            if one.partner_id == partner_id:
                held = Held(one.permissions, edge_of(customer_id, partner_id), one.version, one.grants)
                return verdict_by(held, action, at or datetime.now(UTC))
        return NO_RELATIONSHIP

    def partner_id_of(self, organization_id: str) -> str | None:
        """The partner id of an active partner; None for any other company."""
        found = self._partners.get(organization_id)
        return found[1] if found else None

    def customers_of(self, organization_id: str) -> list[str]:
        """The customers that the company works with, sorted; none unless it is an active partner."""
        partner_id = self.partner_id_of(organization_id)
        return sorted(self._customers_of.get(partner_id, ())) if partner_id else []

    def partners_of(self, customer_id: str) -> list[str]:
        """The partner ids of the partners that the customer works with, active or not, sorted."""
        customer = self._customers.get(customer_id)
        return sorted(edge.partner_id for edge in customer.edges) if customer else []

    def partnership(self, provider_id: str, reseller_id: str) -> PartnershipSnapshot | None:
        """The partnership of the two; None where they do not work together. Ask it whether it is ``active``."""
        found = self._partnerships.get(f"{provider_id}.{reseller_id}")
        return found[1] if found else None

    @property
    def edges(self) -> int:
        """How many relationships hold."""
        return sum(map(len, self._customers_of.values()))

    # -- saved and loaded

    def save(self, file: Path, offsets: Mapping[int, int], at: datetime) -> None:
        """Everything, with the position that it stands for. The file is whole or the one before."""
        new = file.with_name(f"{file.name}.new")
        with new.open("w", encoding="utf-8") as out:
            head = {"format": FORMAT, "offsets": dict(offsets), "at": at.isoformat()}
            out.write(json.dumps(head) + "\n")
            out.writelines(json.dumps(line) + "\n" for line in self._lines())
        new.replace(file)

    def _lines(self) -> Iterator[tuple[str, str, int, Any]]:
        for id, (number, partner_id) in self._partners.items():
            yield "partner", id, number, partner_id
        for id, (number, pair) in self._partnerships.items():
            yield "partnership", id, number, pair.model_dump(mode="json") if pair else None
        for id, customer in self._customers.items():
            yield "customer", id, customer.sequence, [_dumped(edge) for edge in customer.edges]

    @classmethod
    def load(cls, file: Path) -> "tuple[View, SavedView]":
        """Raises OSError, and ValueError for a file that no `save` of this release wrote."""
        view = cls()
        with file.open(encoding="utf-8") as lines:
            head = json.loads(next(lines, "null"))
            if not isinstance(head, dict) or head.get("format") != FORMAT:
                raise ValueError(f"{file}: no saved view of this release; delete it, and the reader begins at zero")
            for line in lines:
                view._take(*json.loads(line))
        offsets = {int(partition): offset for partition, offset in head["offsets"].items()}
        return view, SavedView(offsets, datetime.fromisoformat(head["at"]))

    def _take(self, kind: str, id: str, number: int, saved: Any) -> None:
        match kind:
            case "partner":
                self._partners[id] = (number, self._one(saved))
            case "partnership":
                self._partnerships[id] = (number, PartnershipSnapshot.model_validate(saved) if saved else None)
            case _:
                self._put_customer(id, number, tuple(self._loaded(*edge) for edge in saved))

    def _loaded(self, partner_id: str, permissions: list[str], version: int, grants: list[Any]) -> CustomerEdge:
        read = tuple(EdgeGrant.model_validate(grant) for grant in grants)
        return CustomerEdge(self._one(partner_id), self._one(tuple(permissions)), version, read)


def _newer(known: int, sequence: int | None) -> int | None:
    """The number that the state has after this record; None: it is a late copy. A tombstone may come without a number."""
    if sequence is None:
        return known
    return sequence if sequence >= known else None


def _sequence_of(headers: Headers) -> int | None:
    said = dict(headers).get(SEQUENCE_HEADER)
    return int(said) if said is not None and said.isdigit() else None


def _said(verdict: Verdict) -> Answer:
    held = verdict.held
    if held is None:
        return Answer(allowed=False, reason=verdict.reason)
    return Answer(verdict.reason == "granted", verdict.reason, held.edge, held.version, verdict.grant_id)


def _dumped(edge: CustomerEdge) -> list[Any]:
    grants = [grant.model_dump(mode="json") for grant in edge.grants]
    return [edge.partner_id, list(edge.permissions), edge.version, grants]
