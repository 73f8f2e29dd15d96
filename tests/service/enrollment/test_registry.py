"""The operator's import of organization profiles."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import CODE, CSV, Company, is_problem, load, load_bytes, new_company, operator
from support import eventually

from chassis.http.pages import token_hash as digest
from chassis.limits.lockout import FREE
from enrollment.registry import AT_ONCE_ROWS, COLUMNS, MAX_ROWS

Service = Callable[..., AbstractAsyncContextManager[Running]]
HEADER = ",".join(COLUMNS)


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


async def announced(running: Running, kafka: Topics, partner_id: str) -> list[str]:
    events = await kafka.envelopes(running.topic("enrollment.events"))
    return [event.data.status for event in events if event.subject == f"profile:{partner_id}"]


async def test_good_rows_go_in_and_bad_ones_say_what_to_mend(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    answer = await load(running, tokens, company.row(country="Deutschland"), company.row(), "x,y")
    assert answer.status_code == 200, answer.text
    country = {"field": "country", "message": "give the country's two capital letters, such as DE"}
    columns = {"field": "row", "message": "has 2 columns, not 7; quote a name that holds the separator"}
    assert answer.json() == {
        "imported": 1,
        "unchanged": 0,
        "failed": 2,
        "rows": [
            {
                "row": 2,
                "partner_id": company.partner_id,
                "result": "failed",
                "error": country,
                "errors": [country],
            },
            {"row": 3, "partner_id": company.partner_id, "result": "imported", "error": None, "errors": []},
            {
                "row": 4,
                "partner_id": "x",
                "result": "failed",
                "error": columns,
                "errors": [columns],
            },
        ],
    }


async def test_the_same_row_again_changes_and_announces_nothing(
    running: Running, tokens: Tokens, kafka: Topics, mongo: Documents
) -> None:
    company = new_company(running, tokens)
    first = await load(running, tokens, company.row(), key="same")
    repeated = await load(running, tokens, company.row(), key="same")
    assert first.json() == repeated.json() and first.json()["imported"] == 1
    again = await load_bytes(running, tokens, f"\ufeff{HEADER}\r\n{company.row()}\r\n".encode())
    assert (again.json()["imported"], again.json()["unchanged"]) == (0, 1)
    await load(running, tokens, company.row(status="inactive"))

    async def both() -> list[str]:
        told = await announced(running, kafka, company.partner_id)
        return told if len(told) >= 2 else []

    assert await eventually(both) == ["active", "inactive"]
    stored = await mongo.one(running, f"profile:{company.partner_id}")
    assert CODE not in str(stored) and stored["seq"] == 2


async def test_another_file_under_the_same_key_is_a_mistake(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await load(running, tokens, company.row(), key="one-file")
    other = await load(running, tokens, company.row(status="inactive"), key="one-file")
    is_problem(other, 422, "idempotency-key-reused", "Idempotency-Key")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"partner_id;country\n", "csv-header"),
        (b"PK\x03\x04 a workbook", "not-csv"),
        (HEADER.encode() + "\nMüller".encode("latin-1"), "csv-encoding"),
        (HEADER.encode() + b"\nx" * (MAX_ROWS + 1), "csv-rows"),
    ],
)
async def test_a_file_of_another_kind_is_refused_as_a_whole(
    running: Running, tokens: Tokens, body: bytes, code: str
) -> None:
    is_problem(await load_bytes(running, tokens, body), 422, code, "body")


async def test_a_file_has_a_size_and_a_type(running: Running, tokens: Tokens) -> None:
    large = await load_bytes(running, tokens, HEADER.encode() + b"\n" + b"x" * 1024 * 1024)
    is_problem(large, 413, "too-large")
    headers = operator(tokens) | {"Idempotency-Key": "form", "content-type": "multipart/form-data; boundary=x"}
    form = await running.client.post("/v1/partner-profiles/import", content=b"x", headers=headers)
    is_problem(form, 415, "not-csv")
    bare = await running.client.post("/v1/partner-profiles/import", content=b"x", headers=operator(tokens) | CSV)
    is_problem(bare, 400, "idempotency-key-missing", "Idempotency-Key")


async def test_a_long_file_goes_in_row_by_row(running: Running, tokens: Tokens, mongo: Documents) -> None:
    rows = [
        f"77{n:06d},long@membership.example,{CODE},Größe {n} AG,DE,active,location" for n in range(2 * AT_ONCE_ROWS)
    ]
    rows[1] = "x,y"
    begun = await load(running, tokens, *rows, key="a long file")
    assert begun.status_code == 202, begun.text
    path = begun.headers["location"]
    again = await load(running, tokens, *rows, key="a long file")
    assert (again.status_code, again.headers["location"]) == (202, path)

    async def done() -> dict[str, Any]:
        answer = await running.client.get(path, headers=operator(tokens))
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown if shown["status"] == "done" else {}

    shown = await eventually(done)
    assert (shown["imported"], shown["unchanged"], shown["failed"]) == (len(rows) - 1, 0, 1)
    assert [row["row"] for row in shown["rows"]] == list(range(2, len(rows) + 2))
    assert shown["rows"][1]["errors"][0]["field"] == "row"
    profiles = {profile["_id"] for profile in await mongo.all(running, "profile")}
    assert {f"profile:{row.partition(',')[0]}" for row in rows if row != rows[1]} <= profiles
    changed = await load(running, tokens, *rows, rows[0].replace("77", "78", 1), key="a long file")
    is_problem(changed, 422, "idempotency-key-reused", "Idempotency-Key")


async def test_a_long_import_survives_a_kill_and_keeps_no_access_code(
    service: Service, tokens: Tokens, mongo: Documents
) -> None:
    rows = [f"79{n:06d},long@membership.example,{CODE},Größe {n} AG,DE,active,location" for n in range(500)]
    async with service("enrollment") as own:
        begun = await load(own, tokens, *rows)
        assert begun.status_code == 202, begun.text
        own.kill()
        assert CODE not in str(await mongo.all(own))
        await own.start()

        async def done() -> bool:
            answer = await own.client.get(begun.headers["location"], headers=operator(tokens))
            counts = answer.json()
            return bool(counts["status"] == "done" and counts["imported"] == len(rows))

        await eventually(done)
        foreign = tokens.bearer("other-program", organization_kind="operator", permissions=("profiles:import",))
        is_problem(await own.client.get(begun.headers["location"], headers=foreign), 404, "not-found")


# -- wrong access codes


async def look_up(company: Company, code: str, account: str = "") -> httpx2.Response:
    body = company.membership | {"access_code": code} | ({"membership_account": account} if account else {})
    return await company.running.client.post("/v1/partner-profiles/lookup", json=body, headers=company.headers())


async def test_ten_wrong_codes_lock_an_account_for_strangers_only(running: Running, tokens: Tokens) -> None:
    company, guesser = new_company(running, tokens), new_company(running, tokens)
    await load(running, tokens, company.row())
    assert (await look_up(company, CODE)).status_code == 200
    account = company.membership["membership_account"]
    for n in range(FREE + 1):
        is_problem(await look_up(guesser, f"wrong code, number {n}", account), 403, "membership-sign-in-failed")
    locked = await look_up(guesser, CODE, account)
    is_problem(locked, 429, "too-many-attempts")
    assert 0 < int(locked.headers["retry-after"]) <= 60
    another = new_company(running, tokens)
    is_problem(await look_up(another, CODE, account), 429, "too-many-attempts")
    assert (await look_up(company, CODE)).status_code == 200, "who linked the account before is not locked out"


async def test_one_organization_does_not_try_the_codes_of_many_accounts(running: Running, tokens: Tokens) -> None:
    guesser = new_company(running, tokens)
    for n in range(FREE + 1):
        is_problem(await look_up(guesser, CODE, f"{n}@elsewhere.example"), 403, "membership-sign-in-failed")
    is_problem(await look_up(guesser, CODE, "next@elsewhere.example"), 429, "too-many-attempts")
    own = new_company(running, tokens)
    await load(running, tokens, own.row())
    assert (await look_up(own, CODE)).status_code == 200


async def test_linking_a_partner_id_counts_wrong_codes_too(running: Running, tokens: Tokens) -> None:
    company = new_company(running, tokens)
    await company.start()
    await load(running, tokens, company.row())
    path = f"{company.path}/partner-id"
    body = company.membership | {"partner_id": company.partner_id}
    for n in range(FREE + 1):
        wrong = await company.put(path, body | {"access_code": f"wrong code, number {n}"})
        is_problem(wrong, 403, "membership-sign-in-failed")
    is_problem(await company.put(path, body), 429, "too-many-attempts")


async def test_migrate_wraps_stored_codes_which_stay_good(running: Running, tokens: Tokens, mongo: Documents) -> None:
    company = new_company(running, tokens)
    await load(running, tokens, company.row())
    id = f"profile:{company.partner_id}"
    keyed = (await mongo.one(running, id))["state"]["entry"]["access_code_hash"]
    assert keyed != digest(CODE)
    bare = {"$set": {"state.entry.access_code_hash": digest(CODE)}}
    await mongo.collection(running).update_one({"_id": id}, bare)
    assert (await look_up(company, CODE)).status_code == 200, "before it was wrapped"
    await running.job("migrate")
    assert (await mongo.one(running, id))["state"]["entry"]["access_code_hash"] == keyed
    assert (await look_up(company, CODE)).status_code == 200
