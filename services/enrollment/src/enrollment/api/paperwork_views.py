"""What reviewers and the company see of documents that were asked for."""

from datetime import datetime
from typing import Any

from enrollment.api.base_views import View
from enrollment.domain.enrollment.deadlines import ends_at
from enrollment.domain.enrollment.paperwork import RequestedDocument
from enrollment.domain.enrollment.state import Enrollment
from kontor_contracts.enrollment import DocumentKind, ReviewStep


class FileView(View):
    """``name`` is empty once the file is removed."""

    file_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    by: str
    at: datetime
    removed: bool


class DocumentView(View):
    document_id: str
    kind: DocumentKind
    step: ReviewStep
    note: str | None
    requested_at: datetime
    missing: bool
    withdrawn: bool
    files: list[FileView]


class DocumentsView(View):
    """``answer_until``: when the enrollment is rejected without them; null where none is missing."""

    enrollment_id: str
    status: str
    answer_until: datetime | None
    documents: list[DocumentView]


def documents_view(state: Enrollment) -> DocumentsView:
    return DocumentsView(
        enrollment_id=state.enrollment_id,
        status=state.status or "",
        answer_until=ends_at(state) if state.status == "action-required" else None,
        documents=[_document(one) for one in state.paperwork],
    )


def documents_answer(state: Enrollment) -> dict[str, Any]:
    return documents_view(state).model_dump(mode="json")


def _document(one: RequestedDocument) -> DocumentView:
    facts = {name: getattr(one, name) for name in DocumentView.model_fields if hasattr(one, name)}
    files = [FileView.model_validate(file) for file in one.files]
    return DocumentView.model_validate(facts | {"requested_at": one.at, "files": files})
