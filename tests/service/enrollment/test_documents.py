"""Documents of a review over HTTP: asked for, uploaded, read by those concerned alone, deleted."""

import json
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from pymongo import AsyncMongoClient
from service.enrollment.company import Company, Mail, is_problem, judge, new_company, operator
from service.enrollment.papers import PDF, ask_for, file_path, in_review, review, upload
from support import eventually

from kontor_contracts import new_envelope
from kontor_contracts.identity import OrganizationErased

Service = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture(scope="module")
async def running(service: Service) -> AsyncIterator[Running]:
    async with service("enrollment") as running:
        yield running


@pytest.fixture
def mail(running: Running, kafka: Topics, keys: Path) -> Mail:
    return Mail(running, kafka, keys)


@pytest.fixture
async def company(running: Running, tokens: Tokens, mail: Mail) -> Company:
    return await in_review(running, tokens, mail)


async def stored(running: Running, path: str) -> bool:
    """Whether the content of the file, or a part of it, is in the database."""
    file_id = path.rpartition("/")[2]
    async with AsyncMongoClient[dict[str, Any]](running.env["KONTOR_MONGO_URL"]) as client:
        database = client[running.database]
        chunk = await database["files.chunks"].find_one({"files_id": file_id}, {"_id": 1})
        return chunk is not None or await database["files.files"].find_one({"_id": file_id}, {"_id": 1}) is not None


async def gone(running: Running, path: str) -> bool:
    return not await stored(running, path)


async def test_the_review_goes_on_when_all_documents_are_uploaded(running: Running, company: Company) -> None:
    asked = await ask_for(company, "lease", "registry-record")
    assert (asked.status_code, asked.json()["status"]) == (200, "action-required")
    timeline = await company.get(f"{company.path}/timeline")
    assert (timeline["next_actor"], timeline["next_action"]) == ("company", "upload-documents")
    first = await upload(company, PDF, key="one")
    assert (first.status_code, first.json()["status"]) == (200, "action-required")
    assert (await upload(company, PDF, key="one")).json() == first.json()
    is_problem(await upload(company, PDF), 409, "file-known")
    last = await upload(company, PDF + b"\n", "2", name="../Mietvertrag.exe")
    assert (last.json()["status"], last.json()["answer_until"]) == ("in-review", None)
    (file,) = last.json()["documents"][1]["files"]
    assert (file["name"], file["content_type"], file["size"]) == ("Mietvertrag.pdf", "application/pdf", len(PDF) + 1)
    assert await company.get(f"{company.path}/documents") == last.json()


async def test_a_large_file_comes_back_as_it_was_sent(running: Running, company: Company) -> None:
    await ask_for(company, "lease")
    content = PDF + secrets.token_bytes(1_500_000) + b"%%EOF"
    path = file_path(company, await upload(company, content, name="Größe 1.pdf"))
    for headers in (company.headers(), operator(company.tokens)):
        answer = await running.client.get(path, headers=headers)
        assert (answer.status_code, answer.content == content) == (200, True)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.pdf"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_nobody_else_reads_a_document(running: Running, company: Company, tokens: Tokens) -> None:
    await ask_for(company, "lease")
    path = file_path(company, await upload(company, PDF))
    stranger = new_company(running, tokens)
    for place in (path, f"{company.path}/documents"):
        assert (await running.client.get(place)).status_code == 401
        is_problem(await running.client.get(place, headers=stranger.headers()), 404, "not-found")
        colleague = company.headers("enrollment:read")
        is_problem(await running.client.get(place, headers=colleague), 403, "forbidden")


async def test_a_file_is_judged_by_its_content_and_size(running: Running, company: Company) -> None:
    await ask_for(company, "lease")
    is_problem(await upload(company, b"MZ this is a program", name="lease.pdf"), 422, "file-type", "body")
    is_problem(await upload(company, PDF, "9"), 404, "document-unknown")
    is_problem(await upload(company, PDF + bytes(11 * 1024 * 1024) + b"%%EOF"), 413, "too-large")
    no_name = await running.client.post(
        f"{company.path}/documents/1/files", content=PDF, headers=company.headers() | {"Idempotency-Key": "no-name"}
    )
    is_problem(no_name, 422, "invalid", "name")
    assert (await upload(company, PDF)).status_code == 200


async def test_a_removed_file_is_deleted(running: Running, company: Company) -> None:
    await ask_for(company, "lease", "registry-record")
    path = file_path(company, await upload(company, PDF))
    assert await stored(running, path)
    removed = await running.client.delete(path, headers=company.headers())
    assert removed.json()["documents"][0]["files"][0]["removed"]
    is_problem(await running.client.get(path, headers=company.headers()), 404, "not-found")
    await eventually(lambda: gone(running, path))


async def test_a_withdrawn_request_lets_the_review_go_on(company: Company) -> None:
    await ask_for(company, "lease")
    answer = await review(company, "documents/withdraw")
    assert (answer.json()["status"], answer.json()["documents"][0]["withdrawn"]) == ("in-review", True)
    is_problem(await upload(company, PDF), 409, "already-reviewed")
    nothing = {"step": "business", "documents": [{"kind": "other"}]}
    is_problem(await review(company, "documents", nothing), 422, "invalid", "documents.0")


async def test_a_file_is_deleted_after_its_retention(
    running: Running, company: Company, tokens: Tokens, beside: Service
) -> None:
    await ask_for(company, "lease")
    path = file_path(company, await upload(company, PDF))
    await judge(running, tokens, company, decision="reject", reason="not-eligible")
    assert await stored(running, path)
    async with beside(running, KONTOR_CLOCK_SKEW=timedelta(days=181).total_seconds()):
        await eventually(lambda: gone(running, path))

        async def forgotten() -> bool:
            (document,) = (await company.get(f"{company.path}/documents"))["documents"]
            file = document["files"][0]
            return (file["removed"], file["name"]) == (True, "")

        await eventually(forgotten)


async def test_documents_of_an_erased_organization_are_deleted(
    running: Running, company: Company, kafka: Topics, mongo: Documents
) -> None:
    await ask_for(company, "lease")
    path = file_path(company, await upload(company, PDF, name="Vertrag von Anna.pdf"))
    erased = new_envelope(
        OrganizationErased(organization_id=company.organization_id),
        id=secrets.token_hex(8),
        source="/kontor/identity",
        subject=f"organization:{company.organization_id}",
        time=datetime.now(UTC),
        sequence=1,
        correlationid="erasure",
        tenantid=company.organization_id,
    )
    await kafka.produce(running.topic("identity.events"), erased)
    await eventually(lambda: gone(running, path))
    document = await mongo.one(running, f"enrollment:{company.enrollment_id}")
    assert "Vertrag von Anna" not in str(document["state"])


async def test_a_scanner_refuses_a_file_and_nothing_is_stored(
    service: Service, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    program = "import sys; found = sys.stdin.buffer.read(); sys.exit(2 if b'broken' in found else b'EICAR' in found)"
    command = json.dumps([sys.executable, "-c", program])
    async with service("enrollment", KONTOR_DOCUMENT_SCAN_COMMAND=command) as running:
        company = await in_review(running, tokens, Mail(running, kafka, keys))
        await ask_for(company, "lease")
        is_problem(await upload(company, PDF + b"EICAR\n%%EOF"), 422, "file-refused", "body")
        is_problem(await upload(company, PDF + b"broken\n%%EOF"), 503, "try-again")
        assert (await company.get(f"{company.path}/documents"))["documents"][0]["files"] == []
        assert (await upload(company, PDF)).json()["status"] == "in-review"
