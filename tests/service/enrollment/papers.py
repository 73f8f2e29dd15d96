"""A company whose review asks for documents, as the tests of enrollment play it."""

from typing import Any

import httpx2
from harness.running import Running
from harness.tokens import Tokens
from service.enrollment.company import NUMBERS, Company, Mail, new_company, operator, press

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


async def in_review(running: Running, tokens: Tokens, mail: Mail) -> Company:
    company = new_company(running, tokens)
    await company.submit()
    await press(running, (await mail.links(company))[0], "confirm")
    return company


async def review(company: Company, path: str, body: Any = None) -> httpx2.Response:
    """A request of a reviewer about the company's review."""
    headers = operator(company.tokens) | {"Idempotency-Key": f"paper-{next(NUMBERS)}"}
    file = f"/v1/reviews/{company.enrollment_id}/{path}"
    return await company.running.client.post(file, json=body, headers=headers)


async def ask_for(company: Company, *kinds: str) -> httpx2.Response:
    asked = [{"kind": kind} for kind in kinds]
    return await review(company, "documents", {"step": "business", "documents": asked, "explanation": "Both, please."})


async def upload(
    company: Company, content: bytes, document_id: str = "1", *, name: str = "Auszug.pdf", key: str | None = None
) -> httpx2.Response:
    headers = company.headers() | {"Idempotency-Key": key or f"upload-{next(NUMBERS)}"}
    path = f"{company.path}/documents/{document_id}/files"
    return await company.running.client.post(path, content=content, params={"name": name}, headers=headers)


def file_path(company: Company, answer: httpx2.Response, document: int = 0) -> str:
    """Where the newest file of the document is."""
    shown = answer.json()["documents"][document]
    return f"{company.path}/documents/{shown['document_id']}/files/{shown['files'][-1]['file_id']}"
