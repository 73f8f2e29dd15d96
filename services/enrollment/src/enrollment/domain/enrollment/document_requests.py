"""Decisions on documents: the program's staff ask for them, the company uploads them, and files are removed.

An enrollment that misses documents waits for the company. It goes back to the review with the last of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, assert_never

from enrollment.domain.enrollment.addressing import addressed
from enrollment.domain.enrollment.facts import Fact
from enrollment.domain.enrollment.own_facts import DocumentsAsked, FileKept, FileRemoved, RequestsWithdrawn, reached
from enrollment.domain.enrollment.paperwork import (
    MOST_DOCUMENTS,
    MOST_FILES,
    RequestedDocument,
    UploadedFile,
    document_of,
    document_with,
    file_of,
    missing_documents,
)
from enrollment.domain.enrollment.refusals import EnrollmentRefused, closed, own_company
from enrollment.domain.enrollment.reviewing import claimed_by_another
from enrollment.domain.enrollment.state import Actor, Enrollment
from kontor_contracts.enrollment import (
    DocumentKind,
    DocumentRequestWithdrawn,
    DocumentsReceived,
    DocumentsRequested,
    ReviewStep,
)

UNDECIDED_LOOK = timedelta(days=1)
"""How often a file of an undecided enrollment is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDocuments:
    """``documents``: kind and note of each. ``explanation`` is for the company."""

    actor: Actor
    step: ReviewStep
    documents: tuple[tuple[DocumentKind, str | None], ...]
    explanation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDocumentRequest:
    """The documents that are missing are needed no more."""

    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFile:
    """The file's content was judged and is stored, or is about to be."""

    actor: Actor
    document_id: str
    file: UploadedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """The company takes a file back."""

    actor: Actor
    file_id: str


@dataclass(frozen=True, slots=True)
class ForgetFile:
    """The file's content is deleted."""

    ERASES: ClassVar[bool] = True
    file_id: str


DocumentCommand = RequestDocuments | WithdrawDocumentRequest | AddFile | RemoveFile | ForgetFile


def keep_paperwork(command: DocumentCommand, state: Enrollment) -> list[Fact]:
    match command:
        case RequestDocuments():
            return _request(command, state)
        case WithdrawDocumentRequest():
            return _withdraw(command, state)
        case AddFile():
            return _add(command, state)
        case RemoveFile():
            return _remove(command, state)
        case ForgetFile(file_id):
            return [FileRemoved(file_id)] if file_of(state.paperwork, file_id) else []
        case _:
            assert_never(command)


def kept_until(state: Enrollment, file_id: str, now: datetime, retention: timedelta) -> datetime | None:
    """When the file is deleted, or looked at again. None: it is deleted now, because no enrollment names it."""
    if file_of(state.paperwork, file_id) is None:
        return None
    if state.open and not state.partner and state.status != "qualified":
        return now + UNDECIDED_LOOK
    decided = next((one.at for one in state.history if one.status == "qualified"), state.history[-1].at)
    return (decided if state.open else state.history[-1].at) + retention


def _request(command: RequestDocuments, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if refused := own_company(actor, state) or _not_reviewed(state) or claimed_by_another(state, actor.user):
        return [refused]
    if command.step in state.dossier.passed:
        detail = f"the step {command.step} is passed; ask for documents of the step that is under review"
        return [EnrollmentRefused(reason="already-reviewed", field="step", detail=detail)]
    waiting = {(one.kind, one.note) for one in state.paperwork if one.missing}
    new = [one for one in dict.fromkeys(command.documents) if one not in waiting]
    if not new:
        return []
    if len(state.paperwork) + len(new) > MOST_DOCUMENTS:
        detail = f"an enrollment is asked for {MOST_DOCUMENTS} documents at most; decide with what is there"
        return [EnrollmentRefused(reason="too-many-documents", field="documents", detail=detail)]
    first = len(state.paperwork) + 1
    asked = tuple(
        RequestedDocument(str(number), kind, command.step, note, actor.user, actor.at)
        for number, (kind, note) in enumerate(new, first)
    )
    requested = DocumentsRequested(
        **addressed(state),
        applicant=state.applicant,
        step=command.step,
        documents=tuple(one.kind for one in asked),
        explanation=command.explanation,
        answer_until=actor.at + timedelta(days=state.waits.documents),
        requested_by=actor.user,
    )
    return [DocumentsAsked(asked), requested, reached("action-required", actor.at, actor.user)]


def _withdraw(command: WithdrawDocumentRequest, state: Enrollment) -> list[Fact]:
    actor = command.actor
    if refused := own_company(actor, state):
        return [refused]
    if state.status != "action-required":
        return [refused] if (refused := _not_reviewed(state)) else []
    withdrawn = DocumentRequestWithdrawn(**addressed(state), applicant=state.applicant, withdrawn_by=actor.user)
    return [RequestsWithdrawn(), withdrawn, reached("in-review", actor.at, actor.user)]


def _add(command: AddFile, state: Enrollment) -> list[Fact]:
    actor, file = command.actor, command.file
    document = document_of(state.paperwork, command.document_id)
    if document is None:
        detail = "the program asked for no such document; GET …/documents lists those that it needs"
        return [EnrollmentRefused(reason="document-unknown", detail=detail)]
    if any(one.file_id == file.file_id for one in document.files):
        return []
    if refused := _not_open_to_files(state, document) or _unwanted(file, document):
        return [refused]
    facts: list[Fact] = [FileKept(document.document_id, file)]
    missing = [one for one in missing_documents(state.paperwork) if one.document_id != document.document_id]
    if missing or state.status != "action-required":
        return facts
    received = DocumentsReceived(
        **addressed(state),
        applicant=state.applicant,
        documents=sum(not one.withdrawn for one in state.paperwork),
        received_from=actor.user,
    )
    return [*facts, received, reached("in-review", actor.at, actor.user)]


def _remove(command: RemoveFile, state: Enrollment) -> list[Fact]:
    document = document_with(state.paperwork, command.file_id)
    if document is None:
        detail = "there is no such file; GET …/documents lists those that are there"
        return [EnrollmentRefused(reason="file-unknown", detail=detail)]
    if file_of(state.paperwork, command.file_id) is None:
        return []
    if refused := _not_open_to_files(state, document):
        return [refused]
    if len(document.kept) == 1 and not document.withdrawn and state.status == "in-review":
        detail = "the review has begun with this file; upload the right one first, then delete this one"
        return [EnrollmentRefused(reason="file-in-use", detail=detail)]
    return [FileRemoved(command.file_id)]


def _unwanted(file: UploadedFile, document: RequestedDocument) -> EnrollmentRefused | None:
    if any(one.sha256 == file.sha256 for one in document.kept):
        detail = "this very file is there already; upload another one"
        return EnrollmentRefused(reason="file-known", detail=detail)
    if len(document.files) >= MOST_FILES:
        detail = f"a document has {MOST_FILES} files at most; write to the program's staff if you need more"
        return EnrollmentRefused(reason="too-many-files", detail=detail)
    return None


def _not_open_to_files(state: Enrollment, document: RequestedDocument) -> EnrollmentRefused | None:
    """Until the step is passed the company may add and replace files."""
    if refused := _not_reviewed(state):
        return refused
    if document.withdrawn or document.step in state.dossier.passed:
        detail = "this document is needed no more"
        return EnrollmentRefused(reason="already-reviewed", detail=detail)
    return None


def _not_reviewed(state: Enrollment) -> EnrollmentRefused | None:
    if state.status in {"in-review", "action-required"}:
        return None
    if not state.open:
        return closed(state.status)
    detail = "documents belong to a review; this enrollment is not in one"
    return EnrollmentRefused(reason="not-in-review", detail=detail)
