"""Counters over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from service.chassis.tally.aggregates import COUNTER
from service.chassis.tally.domain import AddAmount, Close, Counter, Open, SetAlarm

from chassis import Caller, Change, Chassis, Form, Once, Page, PageQuery, Principal, new_router, not_found, require

Writer = Annotated[Principal, require("counters:write")]


class OpenCounter(Form):
    name: str


class Amount(Form):
    amount: int
    note: str = ""
    times: int = Field(default=1, ge=1, le=300)


class Alarm(Form):
    at: datetime


class CounterView(BaseModel):
    counter_id: str
    name: str | None
    total: int
    rang: int


def router(chassis: Chassis) -> APIRouter:
    routes = new_router()

    @routes.post("/v1/counters", status_code=201)
    async def open_counter(body: OpenCounter, once: Once, caller: Writer) -> Any:
        key = once.scope(caller)
        command = Open(body.name, caller.organization_id)
        outcome = await chassis.handler.handle(
            COUNTER, COUNTER.id(key), command, once.cause(caller), answer=lambda state: _view(key, state)
        )
        return outcome.answer

    @routes.get("/v1/counters")
    async def counters(caller: Caller, paging: PageQuery) -> Page[CounterView]:
        where = {"tenant": caller.organization_id}
        found = await chassis.store.find(COUNTER, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, CounterView(**_view(_key(id), state))) for id, state in found])

    @routes.get("/v1/counters/{counter_id}")
    async def counter(counter_id: str, caller: Caller) -> CounterView:
        state = await chassis.store.get(COUNTER, COUNTER.id(counter_id))
        if state is None or state.owner not in (None, caller.organization_id):
            raise not_found("counter")
        return CounterView(**_view(counter_id, state))

    @routes.post("/v1/counters/{counter_id}/add")
    async def add(counter_id: str, body: Amount, once: Once, caller: Writer) -> Any:
        command = AddAmount(body.amount, body.note, body.times)
        outcome = await chassis.handler.handle(
            COUNTER, COUNTER.id(counter_id), command, once.cause(caller), answer=lambda state: _view(counter_id, state)
        )
        return outcome.answer

    @routes.post("/v1/counters/{counter_id}/close")
    async def close(counter_id: str, once: Once, caller: Writer) -> Any:
        outcome = await chassis.handler.handle(COUNTER, COUNTER.id(counter_id), Close(), once.cause(caller))
        return {"status": outcome.status}

    @routes.put("/v1/counters/{counter_id}/alarm")
    async def alarm(counter_id: str, body: Alarm, change: Change, caller: Writer) -> Any:
        command = SetAlarm(body.at)
        outcome = await chassis.handler.handle(COUNTER, COUNTER.id(counter_id), command, change.cause(caller))
        return {"status": outcome.status}

    @routes.get("/v1/bug")
    async def bug() -> None:
        raise RuntimeError("a bug of ours")

    return routes


def _key(id: str) -> str:
    return id.removeprefix("counter:")


def _view(counter_id: str, state: Counter) -> dict[str, Any]:
    return {"counter_id": counter_id, "name": state.name, "total": state.total, "rang": state.rang}
