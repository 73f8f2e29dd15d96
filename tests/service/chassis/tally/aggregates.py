"""The two kinds of documents."""

from typing import Any

from service.chassis.tally import domain, mirror

from chassis import Aggregate, Index

COUNTER = Aggregate(
    "counter",
    initial=domain.Counter(),
    decide=domain.decide,
    evolve=domain.evolve,
    unique={"name": lambda state: state.name},
    due=lambda state: state.alarm,
    tenant=lambda state: state.owner,
    indexes=(Index("counter_tenant", ("tenant", "_id")),),
)

MIRROR = Aggregate("mirror", initial=mirror.Mirror(), decide=mirror.decide, evolve=mirror.evolve)

AGGREGATES: tuple[Aggregate[Any, Any], ...] = (COUNTER, MIRROR)
