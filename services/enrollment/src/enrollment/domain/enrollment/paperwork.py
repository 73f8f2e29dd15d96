"""Documents that a review asked a company for, and the files that it uploaded. The files' content is stored elsewhere."""

from dataclasses import dataclass, replace
from datetime import datetime

from kontor_contracts.enrollment import DocumentKind, ReviewStep

MOST_DOCUMENTS = 20
"""Documents that one enrollment can be asked for."""
MOST_FILES = 5
"""Files of one document: pages, and better copies of them. A removed file counts, too."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """``content_type``: by its content. ``removed``: by the company, or after its retention; ``name`` is empty then."""

    file_id: str
    name: str
    content_type: str
    size: int
    sha256: str
    by: str
    at: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RequestedDocument:
    """``note``: what exactly is needed. ``withdrawn``: it is needed no more."""

    document_id: str
    kind: DocumentKind
    step: ReviewStep
    note: str | None
    by: str
    at: datetime
    files: tuple[UploadedFile, ...] = ()
    withdrawn: bool = False

    @property
    def kept(self) -> tuple[UploadedFile, ...]:
        return tuple(file for file in self.files if not file.removed)

    @property
    def missing(self) -> bool:
        return not self.withdrawn and not self.kept


Paperwork = tuple[RequestedDocument, ...]


def document_of(paperwork: Paperwork, document_id: str) -> RequestedDocument | None:
    return next((one for one in paperwork if one.document_id == document_id), None)


def file_of(paperwork: Paperwork, file_id: str) -> UploadedFile | None:
    """The file, unless it is removed."""
    return next((file for one in paperwork for file in one.kept if file.file_id == file_id), None)


def document_with(paperwork: Paperwork, file_id: str) -> RequestedDocument | None:
    return next((one for one in paperwork if any(file.file_id == file_id for file in one.files)), None)


def missing_documents(paperwork: Paperwork) -> tuple[RequestedDocument, ...]:
    return tuple(one for one in paperwork if one.missing)


def without_file(document: RequestedDocument, file_id: str) -> RequestedDocument:
    files = tuple(replace(file, removed=True, name="") if file.file_id == file_id else file for file in document.files)
    return replace(document, files=files)
