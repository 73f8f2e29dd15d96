"""Large files: the rows stand in documents of their own, and a timer works through them, so a restart loses nothing.

An import is one document per ``PART_ROWS`` rows, which bounds each. Its rows are dropped when they are done, its results
after ``KEPT``.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, assert_never

from chassis.aggregate.model import Aggregate, Cause, Index, derived_id
from chassis.auth.principal import Principal
from chassis.http.problems import not_found

if TYPE_CHECKING:
    from chassis.service import Chassis

PART_ROWS = 250
STEP_ROWS = 25
KEPT = timedelta(days=7)
PAGE_ROWS = 500

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """``by`` is the user who sent the file, ``tenant`` the organization. ``done`` results stand for as many first rows."""

    import_id: str = ""
    tenant: str = ""
    by: str = ""
    total: int = 0
    rows: tuple[Json, ...] = ()
    done: int = 0
    results: tuple[Json, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartPart:
    part: Part


@dataclass(frozen=True, slots=True)
class RecordResults:
    """``before``: how many were done when these rows were taken; another process may have been faster."""

    before: int
    results: tuple[Json, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetResults:
    at: datetime


@dataclass(frozen=True, slots=True)
class PartChanged:
    part: Part


Command = StartPart | RecordResults | ForgetResults


def decide(command: Command, state: Part) -> list[PartChanged]:
    match command:
        case StartPart(part):
            return [] if state.import_id else [PartChanged(part)]
        case RecordResults(before, results, at):
            if before != state.done or before == state.total:
                return []
            done = before + len(results)
            over = done >= state.total
            changed = replace(
                state,
                done=done,
                rows=() if over else state.rows,
                results=(*state.results, *results),
                due=at + KEPT if over else at,
            )
            return [PartChanged(changed)]
        case ForgetResults(at):
            over = state.done == state.total and state.due is not None and at >= state.due
            return [PartChanged(replace(state, results=(), due=None))] if over else []
        case _:
            assert_never(command)


def evolve(_: Part, fact: PartChanged) -> Part:
    return fact.part


def bulk_import(kind: str) -> Aggregate[Part, Command]:
    """The documents of a service's imports. One kind per service."""
    return Aggregate(
        kind,
        initial=Part(),
        decide=decide,
        evolve=evolve,
        due=lambda part: part.due,
        tenant=lambda part: part.tenant or None,
        indexes=(Index("parts_of_import", ("state.import_id", "_id")),),
    )


Apply = Callable[[Part, Sequence[Json], Cause], Awaitable[Sequence[Json]]]
"""Applies rows of a part and returns a result for each, in order. The same rows may come again after a crash."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``counts`` by each result's ``result``; ``results`` a page of them, ``next_after`` None at its end."""

    import_id: str
    status: Literal["running", "done"]
    total: int
    done: int
    counts: Counter[str]
    results: list[Json]
    next_after: int | None


class BulkImports:
    def __init__(self, chassis: "Chassis", aggregate: Aggregate[Part, Command], apply: Apply) -> None:
        self._chassis = chassis
        self._aggregate = aggregate
        self._apply = apply

    async def start(self, rows: Sequence[Json], caller: Principal, scope: str, cause: Cause) -> str:
        """The id of the import. The same request again finds the same one."""
        import_id = derived_id(scope, "import")
        for first in range(0, len(rows), PART_ROWS):
            some = tuple(rows[first : first + PART_ROWS])
            part = Part(import_id, caller.organization_id, caller.user_id, len(some), some, due=cause.time)
            id = self._aggregate.id(f"{import_id}.{first:06d}")
            own = replace(cause, id=f"{cause.id}:{first}")
            await self._chassis.handler.handle(self._aggregate, id, StartPart(part), own, answer=lambda _: None)
        return import_id

    async def progress(self, import_id: str, caller: Principal, *, after: int = 0) -> Progress:
        """What has become of the import so far; 404 unless the caller's organization sent it."""
        where = {"state.import_id": import_id, "tenant": caller.organization_id}
        found = [part for _, part in await self._chassis.store.find(self._aggregate, where, limit=PAGE_ROWS)]
        if not found:
            raise not_found("import")
        results = [result for part in found for result in part.results]
        total, done = sum(part.total for part in found), sum(part.done for part in found)
        page = results[after : after + PAGE_ROWS]
        counts = Counter(str(result.get("result")) for result in results)
        more = after + len(page) if after + len(page) < len(results) else None
        return Progress(import_id, "done" if done == total else "running", total, done, counts, page, more)

    async def fire(self, id: str, timer: Cause) -> None:
        """Apply the next rows of a part, or drop its results when they were kept long enough."""
        part = await self._chassis.store.get(self._aggregate, id)
        if part is None:
            return
        cause = replace(
            timer,
            id=f"{id}:{part.done}",
            correlation_id=part.import_id,
            actor=f"user:{part.by}",
            tenant=part.tenant,
        )
        if part.done == part.total:
            await self._chassis.handler.handle(self._aggregate, id, ForgetResults(cause.time), cause)
            return
        rows = part.rows[part.done : part.done + STEP_ROWS]
        results = await self._apply(part, rows, cause)
        record = RecordResults(part.done, tuple(results), cause.time)
        await self._chassis.handler.handle(self._aggregate, id, record, cause)
