"""The documents that a review asks for: the company's list with uploads, and the reviewers' list with downloads."""

from typing import Any

from fastapi import Response

from chassis.http.pages import Call, Portal, PortalPage, Visit, done
from enrollment.pages.portal.wizard import PARTNERS, PATH, SUBMIT, enrollment_of, page_of
from enrollment.pages.portal.words import WORDS

BYTES = "application/octet-stream"
UPLOAD_PATH = rf"{PATH}/[^/]+/documents/[^/]+"
"""Its forms carry a file."""
AROUND = 64 * 1024
"""Bytes of a form around its file."""


def add_documents(portal: Portal) -> None:
    page = PortalPage("enrollment", "portal/documents")
    path = f"{PATH}/{{enrollment_id}}/documents"

    @portal.page(path, needs=SUBMIT, kinds=PARTNERS)
    async def show_documents(visit: Visit) -> Response:
        enrollment = await enrollment_of(visit)
        listed = await visit.api.get(f"/v1/enrollments/{enrollment['enrollment_id']}/documents")
        field = f"file-{visit.request.path_params.get('document_id', '')}"
        return page.answer(
            visit,
            listed=listed,
            words=WORDS[visit.language],
            base=f"{page_of(enrollment)}/documents",
            back=page_of(enrollment),
            renamed={"body": field, "name": field, "file": field},
            fields={field},
        )

    @portal.form(f"{path}/{{document_id}}", needs=SUBMIT, kinds=PARTNERS, again=show_documents)
    async def upload(visit: Visit) -> Response:
        file = visit.files.get("file")
        api = f"/v1/enrollments/{visit.path('enrollment_id')}/documents/{visit.path('document_id')}/files"
        content = file.content if file else b""
        call = Call(
            method="POST",
            path=api,
            query={"name": file.name if file else "-"},
            body=content,
            content_type=BYTES,
            key=visit.key,
        )
        _, answer = await visit.api.call(call)
        return done(_list(visit), "received" if answer["status"] == "in-review" else "uploaded")

    @portal.form(f"{path}/{{document_id}}/files/{{file_id}}/remove", needs=SUBMIT, kinds=PARTNERS, again=show_documents)
    async def remove(visit: Visit) -> Response:
        await visit.api.send("DELETE", file_path(visit), key=visit.key)
        return done(_list(visit), "removed")

    @portal.page(f"{path}/{{document_id}}/files/{{file_id}}", needs=SUBMIT, kinds=PARTNERS)
    async def download(visit: Visit) -> Response:
        return visit.api.passed_on(file_path(visit), {})


def file_path(visit: Visit) -> str:
    one: dict[str, Any] = visit.request.path_params
    return f"/v1/enrollments/{one['enrollment_id']}/documents/{one['document_id']}/files/{one['file_id']}"


def _list(visit: Visit) -> str:
    return f"{PATH}/{visit.path('enrollment_id')}/documents"
