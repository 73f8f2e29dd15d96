"""Forms as browsers send them: fields, files, and bodies that no browser sends."""

import httpx2
import pytest
from fastapi import FastAPI, Request

from chassis.http.pages.portal.sent_forms import MOST_FIELDS, sent_form

PDF = b"%PDF-1.7\x00\xff\r\n--not-the-boundary\r\n%%EOF"


async def read(**sent: object) -> dict[str, object]:
    app, found = FastAPI(), dict[str, object]()

    @app.post("/")
    async def take(request: Request) -> None:
        fields, files = await sent_form(request)
        found.update(fields=dict(fields), files={name: (one.name, one.content) for name, one in files.items()})

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://portal.example") as client:
        await client.post("/", **sent)  # type: ignore[arg-type]
    return found


async def test_a_form_with_a_file_has_fields_and_content() -> None:
    found = await read(data={"name": "Köln", "roles": ["a", "b"]}, files={"file": ("Auszug Köln.pdf", PDF)})
    assert found["fields"] == {"name": ["Köln"], "roles": ["a", "b"]}
    assert found["files"] == {"file": ("Auszug Köln.pdf", PDF)}


async def test_a_large_file_is_read_in_memory(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pods have no disk to write to."""
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    content = b"x" * 3_000_000
    found = await read(data={"a": "b"}, files={"file": ("large.bin", content)})
    assert found["files"] == {"file": ("large.bin", content)}


async def test_a_folder_in_a_file_s_name_is_left_out() -> None:
    found = await read(files={"file": ("C:\\Users\\anna\\Auszug.pdf", PDF)})
    assert found["files"] == {"file": ("Auszug.pdf", PDF)}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("application/x-www-form-urlencoded", b"a=%ff&" + b"b=1&" * (MOST_FIELDS + 1)),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
    ],
)
async def test_a_body_that_no_browser_sends_is_an_empty_form(content_type: str, body: bytes) -> None:
    assert await read(content=body, headers={"content-type": content_type}) == {"fields": {}, "files": {}}


async def test_a_form_without_files_is_read_as_before() -> None:
    found = await read(data={"name": "a b", "empty": ""})
    assert found == {"fields": {"name": ["a b"]}, "files": {}}
