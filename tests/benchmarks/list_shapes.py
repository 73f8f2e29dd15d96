"""Which shapes of a list's query a database answers without reading the whole list: times, and what its ``explain`` says.

`python -m benchmarks.list_shapes mongodb://127.0.0.1:27017` with any database that speaks MongoDB's protocol. It makes a
collection of its own and drops it. Half of the documents are in the list. A page that costs as much as the list reads all of it.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from pymongo import ASCENDING, IndexModel, MongoClient
from pymongo.collection import Collection

MANY, PAGE, ROUNDS = 10_000, 51, 5
KIND, LIST = "customer", "A|active"
ORDER, SECOND = "ls.o", f"ls.s.{LIST}"
SHOWN = {"state": 1, ORDER: 1}
Documents = Collection[dict[str, Any]]
Shape = Callable[[Documents], list[dict[str, Any]]]


def documents() -> Iterator[dict[str, Any]]:
    chance = Random(1)
    for number in range(MANY):
        owner = "A" if number % 2 == 0 else f"P{chance.randrange(100)}"
        order = f"{chance.getrandbits(40):x}\t{number}"
        lists = [f"{owner}|active", f"{owner}|active|word={order[:3]}"]
        place = {"k": lists, "o": order, "s": {f"{owner}|active": order[::-1]}}
        yield {"_id": f"{KIND}:{number}", "kind": KIND, "state": {"text": "x" * 800}, "out": ["y" * 1500], "ls": place}


def shapes(middle: str) -> Mapping[str, Shape]:
    key = {"kind": KIND, "ls.k": LIST}
    after = {**key, ORDER: {"$gt": middle}}
    dated = {**key, SECOND: {"$gt": ""}}
    stages = [{"$match": key}, {"$sort": {ORDER: 1}}, {"$limit": PAGE}, {"$project": SHOWN}]
    return {
        "the key, sorted by the index's next field": lambda of: list(of.find(key, SHOWN).sort(ORDER).limit(PAGE)),
        "the same with a hint": lambda of: list(of.find(key, SHOWN).sort(ORDER).hint("listed").limit(PAGE)),
        "the same behind a cursor": lambda of: list(of.find(after, SHOWN).sort(ORDER).limit(PAGE)),
        "sorted by all fields of the index": lambda of: list(
            of.find(key, SHOWN).sort([("kind", 1), ("ls.k", 1), (ORDER, 1)]).limit(PAGE)
        ),
        "an aggregation": lambda of: list(of.aggregate(stages)),
        "not sorted": lambda of: list(of.find(key, SHOWN).limit(PAGE)),
        "only what is in the index": lambda of: list(of.find(key, {"_id": 0, ORDER: 1}).sort(ORDER).limit(PAGE)),
        "the second order, by its wildcard index": lambda of: list(
            of.find(dated, {SECOND: 1}).sort(SECOND).limit(PAGE)
        ),
        "a range with two ends": lambda of: list(
            of.find({**key, ORDER: {"$gt": middle, "$lt": f"{middle[:2]}~"}}, SHOWN).sort(ORDER).limit(PAGE)
        ),
        "the whole list": lambda of: list(of.find(key, SHOWN).sort(ORDER)),
    }


def milliseconds(of: Documents, shape: Shape) -> float:
    shape(of)
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        shape(of)
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)


def stages_of(plan: Mapping[str, Any]) -> str:
    found = []
    at: Any = plan
    while at:
        found.append(f"{at['stage']} {at.get('indexName', '')}".strip())
        at = at.get("inputStage")
    return " < ".join(found)


def main(url: str) -> None:
    client = MongoClient[dict[str, Any]](url)
    of = client["kontor_list_shapes"]["documents"]
    of.drop()
    of.create_indexes(
        [
            IndexModel([("kind", ASCENDING), ("ls.k", ASCENDING), (ORDER, ASCENDING)], name="listed"),
            IndexModel([("ls.s.$**", ASCENDING)], name="listed_second"),
        ]
    )
    try:
        made = list(documents())
        for begin in range(0, MANY, 1000):
            of.insert_many(made[begin : begin + 1000])
        own = sorted(one["ls"]["o"] for one in made if LIST in one["ls"]["k"])
        for name, shape in shapes(own[len(own) // 2]).items():
            print(f"{milliseconds(of, shape):8.1f} ms  {name}")
        for field in (ORDER, SECOND):
            where = {"kind": KIND, "ls.k": LIST, field: {"$gt": ""}}
            asked = {"find": of.name, "filter": where, "sort": {field: 1}, "limit": PAGE}
            told = of.database.command("explain", asked, verbosity="queryPlanner")
            print(f"by {field}: {stages_of(told['queryPlanner']['winningPlan'])}")
    finally:
        of.database.client.drop_database(of.database.name)
        client.close()


if __name__ == "__main__":
    main(sys.argv[1])
