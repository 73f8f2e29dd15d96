"""What a command is made of: the aggregate it is for, its cause, the change it leads to, its outcome.

A service's domain is two pure functions per aggregate, ``decide(command, state) -> events`` and
``evolve(state, event) -> state``. `chassis.aggregate.handler` runs them.

What ``decide`` returns are facts. Those that are events of the contracts are announced; the others, plain dataclasses of
the domain, change the state and are nobody else's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar, cast
from uuid import UUID, uuid5

from pydantic import TypeAdapter

from chassis.aggregate.repetitions import NOTHING_FORGOTTEN, Answer, Forgotten
from chassis.aggregate.watermarks import NOTHING_PRUNED, Pruned
from kontor_contracts import Event, Refusal

Holes = tuple[tuple[int, int], ...]
"""Numbers below a watermark that were never applied, from and to."""

RefusedId = Literal["id-reused", "too-late"]
"""Why a command of a topic is not looked at: another one had its id, or it is older than what its document remembers."""

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


IDS = UUID("6f0c6a3e-7b1d-5d0e-9a55-2d6b1c0f4e11")
"""The namespace of every id that Kontor derives (uuid5)."""


def derived_id(*parts: str) -> str:
    """The same parts give the same id for ever: what makes a repeated insert a duplicate. It is their uuid5."""
    return str(uuid5(IDS, "|".join(parts)))


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a document stands in lists: under which keys, in which order, and the text that searches look at.

    Each key is one list, such as ``<partner id>|active``. ``order`` sorts within it and is unique, so it ends with the id.
    ``second``: another order, by list, for one that differs from list to list; unique within its list, too.
    """

    keys: tuple[str, ...]
    order: str
    text: str = ""
    second: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[S]):
    """The present state of a document for readers of a compacted topic (ADR 47).

    ``topic``: its name in the registry. ``of``: what is said of a state, a pure function; None where nothing is left to say,
    which becomes a tombstone. Whatever changes it has to be announced by an event.
    """

    topic: str
    of: Callable[[S], Event | None]


@dataclass(frozen=True, slots=True)
class Index:
    """An index a service's reads need; ``fields`` are document paths such as ``state.partner_id``."""

    name: str
    fields: tuple[str, ...]


class Aggregate(Generic[S, C]):
    """One kind of document: its pure functions, and what the store must know of its state.

    ``unique`` gives, by name, values that no other document of the service may have (None: no claim); ``due`` the moment
    at which a timer is to fire; ``tenant`` the organization it belongs to; ``forget`` whether the answers of earlier
    commands are to go, because the state has nothing personal left. All are pure functions of the state. ``rekeyed``
    finds documents whose unique values an older release may have derived by another rule; `migrate` renews them.
    ``listed`` says in which lists the document stands; `MongoStore.list_page` reads one of them by its index. ``relisted`` finds
    documents whose place an older release may have derived by another rule; `migrate` renews it.
    ``snapshot`` is published with each event that changes it.
    ``refuse`` says no to a command of a topic that comes with a used id, or so late that a repetition would not be told.
    A command whose class says ``ERASES`` has the answers and events go that the document keeps, as ``forget`` does.
    One whose class says ``REPEATABLE`` tells the present state of another document, so deciding it again does no harm: it
    leaves no trace where it changed nothing. Records that fan out to the documents found at that moment need this: read
    again, they find documents that are younger than the record.
    """

    def __init__(
        self,
        kind: str,
        *,
        initial: S,
        decide: Callable[[C, S], Sequence[Any]],
        evolve: Callable[[S, E], S],
        unique: Mapping[str, Callable[[S], str | None]] | None = None,
        due: Callable[[S], datetime | None] | None = None,
        tenant: Callable[[S], str | None] | None = None,
        forget: Callable[[S], bool] | None = None,
        refuse: Callable[[C, "RefusedId"], Refusal] | None = None,
        indexes: tuple[Index, ...] = (),
        rekeyed: Mapping[str, Any] | None = None,
        listed: Callable[[S], Listing | None] | None = None,
        relisted: Mapping[str, Any] | None = None,
        snapshot: "Snapshot[S] | None" = None,
    ) -> None:
        self.kind = kind
        self.initial = initial
        self.decide = decide
        self.evolve = cast("Callable[[S, Any], S]", evolve)
        self.unique: Mapping[str, Callable[[S], str | None]] = unique or {}
        self.due: Callable[[S], datetime | None] = due or (lambda _: None)
        self.tenant: Callable[[S], str | None] = tenant or (lambda _: None)
        self.forget: Callable[[S], bool] = forget or (lambda _: False)
        self.refuse = refuse
        self.indexes = indexes
        self.rekeyed = rekeyed
        self.listed = listed
        self.relisted = relisted
        self.snapshot = snapshot
        self._adapter: TypeAdapter[S] = TypeAdapter(type(initial))

    def id(self, key: str) -> str:
        """The document id, which is also the message subject and the Kafka key."""
        return f"{self.kind}:{key}"

    def claims(self, state: S) -> dict[str, str]:
        """The unique values this state holds, by name."""
        return {name: value for name, of in self.unique.items() if (value := of(state)) is not None}

    def dump(self, state: S) -> dict[str, Any]:
        return cast("dict[str, Any]", self._adapter.dump_python(state, mode="json"))

    def parse(self, document: Mapping[str, Any]) -> S:
        return self._adapter.validate_python(document)


# Made for every record and never changed. Frozen, they would take three times as long to make.


@dataclass(slots=True, unsafe_hash=True)
class Position:
    """Where a message stands in its source: an order within which it may be applied only once.

    ``counted``: the numbers count one by one, so one far ahead of the last cannot be right. ``again``: it is announced once
    more for those who have missed it, and all that came after it is, too.
    """

    source: str
    number: int
    counted: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class CommandKey:
    """The id of a command. The same ``value`` with another ``fingerprint`` is a client's mistake.

    ``made_at``: when the client made the command, where the command itself says so. It is the same in every repetition.
    """

    value: str
    fingerprint: str
    made_at: datetime | None = None


@dataclass(slots=True, unsafe_hash=True, kw_only=True)
class Cause:
    """Why a command runs and who is behind it. ``time`` is the only clock the domain sees.

    ``reply_to``: another topic to which the events go that it brings about.
    """

    id: str
    time: datetime
    correlation_id: str
    actor: str
    tenant: str | None = None
    traceparent: str | None = None
    position: Position | None = None
    key: CommandKey | None = None
    on_bus: bool = False
    reply_to: str | None = None


def source_of(service: str) -> str:
    """The ``source`` of all that a service announces."""
    return f"/kontor/{service}"


def own_cause(service: str, occasion: str, *about: str, at: datetime, traceparent: str | None = None) -> Cause:
    """The cause of a command that no request and no message asks for, such as a timer's. It begins a conversation.

    Its id has a fixed length, and only characters that an envelope takes, whatever it is ``about``. Run twice, the command
    is recognized by the version of the document and by the domain, not by this id.
    """
    id = derived_id(occasion, *about, at.isoformat())
    actor = f"service:{service}"
    return Cause(id=f"{occasion}:{id}", time=at, correlation_id=id, actor=actor, traceparent=traceparent)


@dataclass(slots=True, unsafe_hash=True)
class Dispatch:
    """A command and the aggregate it is for. ``fresh``: the aggregate begins with it, unless it comes a second time."""

    aggregate: Aggregate[Any, Any]
    id: str
    command: Any
    fresh: bool = False


@dataclass(slots=True, unsafe_hash=True)
class Step:
    """A command with its cause; ``answer`` makes of the state after it what a repetition is answered, too."""

    command: Any
    cause: Cause
    answer: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event as it will stand in the topic. ``at``: its time; None where an older release saved it.

    ``topic`` None: the service's own topic of events. In another one stands what goes along with an event: it has the
    event's ``number``, and the document keeps it no longer than until it is published. ``value`` None: a tombstone.
    ``id`` is unique in the document. A reply has the one of its event and its topic behind it.
    """

    id: str
    number: int
    type: str
    value: bytes | None
    at: datetime | None = None
    topic: str | None = None

    @property
    def is_reply(self) -> bool:
        """A copy of an event for who asked for it. It holds up nothing, and is given up where it cannot be delivered."""
        return REPLY in self.id

    @property
    def message_id(self) -> str:
        return self.id.partition(REPLY)[0]


REPLY = "@"
"""In no id of a message."""


def reply_of(event: OutgoingEvent, topic: str) -> OutgoingEvent:
    return replace(event, id=f"{event.id}{REPLY}{topic}", topic=topic)


@dataclass(frozen=True, slots=True)
class Published:
    """Events of a document that are in its topic.

    ``lease``: give this one back, nothing more is on its way; None: keep what there is. ``renewed``: the snapshot that
    was asked for is among them, or there is none to publish.
    """

    id: str
    event_ids: Sequence[str]
    lease: str | None
    renewed: bool = False


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """An aggregate as stored. ``version`` 0: there is no document. ``noted``: when each watermark was written.

    The last three: see `chassis.aggregate.repetitions`.
    """

    state: S
    version: int = 0
    sequence: int = 0
    pending: tuple[str, ...] = ()
    watermarks: Mapping[str, int] = field(default_factory=dict)
    holes: Mapping[str, Holes] = field(default_factory=dict)
    noted: Mapping[str, datetime | None] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    marks: Mapping[bytes, datetime] = field(default_factory=dict)
    floor: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUpdate:
    """What one command, or several in a row, do to one document, in one write.

    ``positions`` are the new watermarks by source, ``holes`` what is missing below them; ``answers`` those that repetitions
    get, by key, oldest first; ``forgotten`` what these push out. ``pending``: how many events waited before.
    """

    document: dict[str, Any]
    tenant: str | None
    unique: Mapping[str, str]
    due: datetime | None
    records: tuple[OutgoingEvent, ...]
    sequence: int
    positions: Mapping[str, int]
    answers: Mapping[str, Answer]
    at: datetime
    lease: str | None
    listing: Listing | None = None
    trace: str | None = None
    """The traceparent that the document's timer is to follow; None where traces are off."""
    forget: bool = False
    forgotten: Forgotten = NOTHING_FORGOTTEN
    pending: int = 0
    holes: Mapping[str, Holes] = field(default_factory=dict)
    pruned: Pruned = NOTHING_PRUNED


@dataclass(slots=True)
class Outcome(Generic[S]):
    """What became of a command. ``answer`` is what the first run answered, also when this was a repetition."""

    status: Literal["applied", "unchanged", "duplicate"]
    state: S
    version: int
    events: tuple[Any, ...] = ()
    answer: Any = None


class VersionConflictError(Exception):
    """Somebody else wrote the aggregate in between."""


class Store(Protocol):
    async def load(self, aggregate: Aggregate[S, Any], id: str) -> Loaded[S]: ...

    async def save(self, aggregate: Aggregate[S, Any], id: str, loaded: Loaded[S], change: DocumentUpdate) -> None:
        """Write all of ``change`` or nothing. Raises VersionConflictError, TakenError, a TransientError."""


class Lease(Protocol):
    @property
    def lease(self) -> str:
        """What the save is to take, so that nobody else publishes meanwhile."""


class Outbox(Protocol):
    def lease_for(self, id: str, pending: tuple[str, ...]) -> Lease | None:
        """A right to publish at once after the save, or None where the order of events leaves it to the sweep."""

    def submit(self, lease: Any | None, id: str, records: tuple[OutgoingEvent, ...]) -> None: ...
