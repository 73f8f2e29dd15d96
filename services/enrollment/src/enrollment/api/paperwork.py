"""Documents of a review over HTTP: ask for them, list, upload, download, remove.

Reviewers and the users who submit the company's enrollment see them, and nobody else.
"""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from chassis import Change, Handler, MongoStore, Once, Principal, UnsafeRequest, new_router, not_found, require
from enrollment.api.forms import RequestDocumentsForm
from enrollment.api.paperwork_views import DocumentsView, documents_answer, documents_view
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.document_requests import (
    DocumentCommand,
    RemoveFile,
    RequestDocuments,
    WithdrawDocumentRequest,
)
from enrollment.domain.enrollment.paperwork import document_of, file_of
from enrollment.domain.enrollment.state import Actor
from enrollment.file_types import ACCEPTED
from enrollment.lookups import Editor, actor_of, own, readable
from enrollment.uploads import Uploads
from kontor_contracts.values import Line

Reviewer = Annotated[Principal, require("enrollment:review")]
Submitter = Annotated[Principal, require("enrollment:submit")]

BYTES = "application/octet-stream"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"{ACCEPTED}; the content decides, not the Content-Type.",
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {BYTES: {}}, "description": "The file, as an attachment."}}
UPLOAD_PATH = r"/v1/enrollments/[^/]+/documents/[^/]+/files"
"""Its bodies are files."""


def router(store: MongoStore, handler: Handler, uploads: Uploads) -> APIRouter:
    routes = new_router("/v1", tags=["documents"])
    _requests(routes, store, handler)
    _files(routes, store, handler, uploads)
    return routes


def _requests(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/reviews/{enrollment_id}/documents")
    async def request_documents(
        enrollment_id: str, form: RequestDocumentsForm, once: Once, caller: Reviewer
    ) -> DocumentsView:
        """Ask the company for documents. It has 30 days to upload them; the review waits for it.

        409 `claimed` if another reviewer has claimed the review.
        """
        actor = await _staff(store, enrollment_id, once, caller)
        documents = tuple((one.kind, one.note) for one in form.documents)
        command = RequestDocuments(actor=actor, step=form.step, documents=documents, explanation=form.explanation)
        return await _run(handler, enrollment_id, command, once, caller)

    @routes.post("/reviews/{enrollment_id}/documents/withdraw")
    async def withdraw_document_request(enrollment_id: str, once: Once, caller: Reviewer) -> DocumentsView:
        """The missing documents are needed no more; the review goes on."""
        actor = await _staff(store, enrollment_id, once, caller)
        return await _run(handler, enrollment_id, WithdrawDocumentRequest(actor=actor), once, caller)

    @routes.get("/enrollments/{enrollment_id}/documents")
    async def list_documents(enrollment_id: str, caller: Editor) -> DocumentsView:
        """The documents that were asked for, and the files that were uploaded; in the order in which they were asked for."""
        return documents_view(await readable(store, enrollment_id, caller))


def _files(routes: APIRouter, store: MongoStore, handler: Handler, uploads: Uploads) -> None:
    path = "/enrollments/{enrollment_id}/documents/{document_id}/files"

    # The caller comes first: strangers' files are not read.
    @routes.post(path, openapi_extra=BODY)
    async def upload_file(  # noqa: PLR0917  one parameter of the request each
        enrollment_id: str,
        document_id: str,
        caller: Submitter,
        name: Annotated[Line, Query(description="the file's name, for people")],
        request: Request,
        once: Once,
    ) -> DocumentsView:
        """Upload a file of a document that was asked for. With the last missing document the review goes on.

        413 for a file that is too large, 422 `file-type` for one that is no PDF, PNG or JPEG, 422 `file-refused` by the scanner.
        """
        state, cause = await own(store, enrollment_id, caller), once.cause(caller)
        actor = actor_of(caller, state, cause.time)
        content, file_id = await request.body(), once.scope(caller)
        command = await uploads.accept(state, document_id, file_id, name, content, actor=actor, cause=cause)
        return await _run(handler, enrollment_id, command, once, caller)

    @routes.get(path + "/{file_id}", responses=FILE, response_class=StreamingResponse)
    async def download_file(enrollment_id: str, document_id: str, file_id: str, caller: Editor) -> StreamingResponse:
        """A file, to be saved. 404 once it is removed."""
        state = await readable(store, enrollment_id, caller)
        document = document_of(state.paperwork, document_id)
        file = file_of((document,), file_id) if document else None
        content = await uploads.files.open(file_id) if file else None
        if file is None or content is None:
            raise not_found("file")
        return StreamingResponse(content, media_type=file.content_type, headers=safe_headers(file.name, file.size))

    @routes.delete(path + "/{file_id}")
    async def remove_file(
        enrollment_id: str, document_id: str, file_id: str, change: Change, caller: Submitter
    ) -> DocumentsView:
        """Take an uploaded file back. Its content is deleted."""
        state, cause = await own(store, enrollment_id, caller), change.cause(caller)
        if document_of(state.paperwork, document_id) is None:
            raise not_found("document")
        command = RemoveFile(actor=actor_of(caller, state, cause.time), file_id=file_id)
        answer = await _run(handler, enrollment_id, command, change, caller)
        await uploads.remove_soon(file_id, cause)
        return answer


def safe_headers(name: str, size: int) -> dict[str, str]:
    """A file of a stranger: saved and never shown in the portal's place, never guessed at, never kept in a cache."""
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "content-length": str(size),
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


async def _staff(store: MongoStore, enrollment_id: str, once: UnsafeRequest, caller: Principal) -> Actor:
    await readable(store, enrollment_id, caller)
    return Actor(user=caller.user_id, organization=caller.organization_id, staff=True, at=once.cause(caller).time)


async def _run(
    handler: Handler, enrollment_id: str, command: DocumentCommand, once: UnsafeRequest, caller: Principal
) -> DocumentsView:
    outcome = await handler.handle(
        ENROLLMENT, ENROLLMENT.id(enrollment_id), command, once.cause(caller), answer=documents_answer
    )
    return DocumentsView.model_validate(outcome.answer)
