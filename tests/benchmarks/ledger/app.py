"""The composition root, like any service's."""

from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

import chassis.configuration.settings
from benchmarks.ledger.domain import ACCOUNT, METER, Add, Book
from benchmarks.ledger.messages import OWN, READ, Measured
from chassis.aggregate.model import Dispatch
from chassis.auth.callers import require
from chassis.auth.principal import Principal
from chassis.consumer.reactions import Reactions
from chassis.http.idempotency import Once
from chassis.http.routes import new_router
from chassis.service import Chassis
from kontor_contracts import Envelope

Writer = Annotated[Principal, require("accounts:write")]


class Settings(chassis.configuration.settings.Settings):
    SERVICE: ClassVar[str] = "ledger"


class Amount(BaseModel):
    amount: int


def router(chassis: Chassis) -> APIRouter:
    routes = new_router()

    @routes.post("/v1/accounts/{account_id}/book")
    async def book(account_id: str, body: Amount, once: Once, caller: Writer) -> Any:
        outcome = await chassis.handler.handle(
            ACCOUNT,
            ACCOUNT.id(account_id),
            Book(account_id, body.amount),
            once.cause(caller),
            answer=lambda state: {"account_id": account_id, "balance": state.balance},
        )
        return outcome.answer

    return routes


def reactions() -> Reactions:
    on = Reactions()

    @on(Measured)
    def when_measured(message: Envelope[Measured]) -> list[Dispatch]:
        return [Dispatch(METER, METER.id(message.data.meter_id), Add(message.data.amount))]

    return on


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = Chassis(settings, aggregates=(ACCOUNT, METER), read_topics=(READ,), own_topic=OWN.name)
    app = chassis.application(title="Ledger", routers=[router(chassis)], reactions=reactions())
    return chassis, app
