"""A large file of users is worked through after the answer, and a restart loses none of its rows."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from service.identity.company import Person, is_problem, once
from support import eventually

Service = Callable[..., AbstractAsyncContextManager[Running]]
ROWS = 260
"""More than one document holds."""
FEW_ROWS = 120
"""More than are answered at once, and more than one step of the timer."""


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("identity") as running:
        yield running


def file(rows: int) -> tuple[str, bytes]:
    """As a spreadsheet set to German writes it, with a row of each kind that fails."""
    name = secrets.token_hex(4)
    people = [f"Zoë Größe {n};p{n}.{name}@company.example;helpdesk-agent;de;nein" for n in range(rows - 2)]
    lines = ["Full Name;Email;Roles;Culture;Guest", *people, people[0], "No Address;nowhere;emperor;xx;maybe"]
    return name, "\r\n".join(lines).encode("cp1252")


async def send(running: Running, admin: Person, body: bytes, key: str) -> Any:
    headers = admin.bearer | once(key) | {"content-type": "application/vnd.ms-excel"}
    answer = await running.client.post("/v1/users/import", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer


async def finished(admin: Person, where: str) -> dict[str, Any]:
    async def done() -> dict[str, Any] | None:
        seen: dict[str, Any] = (await admin.get(where)).json()
        return seen if seen["status"] == "done" else None

    return await eventually(done) or {}


async def test_a_large_file_has_progress_and_a_result_per_row(running: Running, mongo: Documents) -> None:
    admin = await Person.sign_up(running)
    _, body = file(ROWS)
    begun = await send(running, admin, body, "large")
    where = begun.headers["location"]
    assert begun.json()["total"] == ROWS and where.endswith(begun.json()["import_id"])
    seen = await finished(admin, where)
    assert (seen["done"], seen["invited"], seen["failed"], seen["next_after"]) == (ROWS, ROWS - 2, 2, None)
    assert [row["row"] for row in seen["rows"]] == list(range(2, ROWS + 2))
    repeated, invalid = seen["rows"][-2:]
    assert repeated["error"] == "repeated"
    assert [fault["field"] for fault in invalid["errors"]] == ["email", "culture", "guest"]
    assert (await admin.get(f"{where}?after={ROWS - 1}")).json()["rows"] == [invalid]
    german = await running.client.get(
        where, params={"after": ROWS - 2}, headers=admin.bearer | {"accept-language": "de"}
    )
    assert [row["detail"].partition(";")[0] for row in german.json()["rows"]] == [
        "Eine frühere Zeile hat dieselbe Adresse.",
        "email: geben Sie eine E-Mail-Adresse an",
    ]
    again = await send(running, admin, body, "large")
    assert again.headers["location"] == where and again.json()["status"] == "done"
    parts = await mongo.all(running, "user-import")
    assert [part["state"]["total"] for part in parts] == [250, 10]
    assert all(part["state"]["rows"] == [] for part in parts), "what is done keeps no rows"


async def test_an_import_is_nobody_elses(running: Running) -> None:
    admin, other = await Person.sign_up(running), await Person.sign_up(running)
    where = (await send(running, admin, file(120)[1], "own")).headers["location"]
    is_problem(await other.get(where), 404, "not-found")
    helper = await admin.add("helpdesk-agent")
    is_problem(await helper.get(where), 403, "forbidden")


async def test_a_killed_service_goes_on_with_the_rows_that_are_left(service: Service) -> None:
    async with service("identity") as running:
        admin = await Person.sign_up(running)
        where = (await send(running, admin, file(FEW_ROWS)[1], "killed")).headers["location"]
        running.kill()
        await running.start()
        seen = await finished(admin, where)
        assert (seen["done"], seen["invited"], seen["failed"]) == (FEW_ROWS, FEW_ROWS - 2, 2)
        listed = (await admin.get("/v1/users?status=invited&limit=200")).json()["items"]
        assert len(listed) == FEW_ROWS - 2
