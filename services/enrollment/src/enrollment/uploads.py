"""Uploaded files: judged, stored, and deleted when they are needed no more.

The content is stored before the enrollment names it. A document of kind ``upload`` reminds of it from before that moment, so
a crash in between leaves no content that stays for ever.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from chassis import Cause, Fire, Handler, MongoStore, ProblemError
from enrollment.documents import ENROLLMENT, UPLOAD
from enrollment.domain.enrollment.document_requests import AddFile, ForgetFile, kept_until
from enrollment.domain.enrollment.paperwork import UploadedFile
from enrollment.domain.enrollment.state import Actor, Enrollment
from enrollment.domain.upload import BeginUpload, EndUpload, KeepUpload
from enrollment.file_types import ACCEPTED, content_type_of, file_name
from enrollment.scanning import Scan

UPLOAD_TIME = timedelta(hours=1)
"""By then an upload is named by its enrollment, or it broke off."""


class FileStore(Protocol):
    """Where the content of files is: by default GridFS, in the service's own database."""

    async def put(self, id: str, content: bytes) -> None: ...
    async def open(self, id: str) -> AsyncIterator[bytes] | None: ...
    async def delete(self, id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Uploads:
    """``most_bytes`` of one file. ``retention``: how long a file is kept after the decision."""

    store: MongoStore
    handler: Handler
    files: FileStore
    scan: Scan
    most_bytes: int
    retention: timedelta

    async def accept(
        self,
        state: Enrollment,
        document_id: str,
        file_id: str,
        name: str,
        content: bytes,
        *,
        actor: Actor,
        cause: Cause,
    ) -> AddFile:
        """The command that adds the file, whose content is judged and stored.

        Raises ProblemError and RefusedError for a file that cannot be added, UnavailableError where nobody can say.
        """
        content_type = content_type_of(content)
        if len(content) > self.most_bytes:
            raise ProblemError(413, "too-large", f"a file may have {self.most_bytes} bytes; send a smaller one")
        if content_type is None:
            detail = f"the content is no complete {ACCEPTED} file; send the document in one of these formats"
            raise ProblemError(422, "file-type", detail, field="body")
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        file = UploadedFile(
            file_id, file_name(name, content_type), content_type, len(content), digest, actor.user, actor.at
        )
        command = AddFile(actor=actor, document_id=document_id, file=file)
        if not await self.handler.would_change(ENROLLMENT, ENROLLMENT.id(state.enrollment_id), command, cause):
            # A repetition or a refusal, which the command itself answers.
            return command
        if not await self.scan(content, content_type):
            detail = "the scanner refused this file; send a clean copy of the document"
            raise ProblemError(422, "file-refused", detail, field="body")
        begin = BeginUpload(state.enrollment_id, state.organization_id, cause.time + UPLOAD_TIME)
        await self.handler.handle(UPLOAD, UPLOAD.id(file_id), begin, cause)
        await self.files.put(file_id, content)
        return command

    async def remove_soon(self, file_id: str, cause: Cause) -> None:
        """The enrollment does not name the file any more: its timer deletes the content now."""
        await self.handler.handle(UPLOAD, UPLOAD.id(file_id), KeepUpload(cause.time), cause)


def deleting(uploads: Uploads) -> Fire:
    """The timer of an upload. It asks the enrollment, and deletes what that does not need any more."""

    async def fire(id: str, cause: Cause) -> None:
        upload = await uploads.store.get_or_initial(UPLOAD, id)
        file_id = id.removeprefix(f"{UPLOAD.kind}:")
        enrollment_id = ENROLLMENT.id(upload.enrollment_id)
        state = await uploads.store.get_or_initial(ENROLLMENT, enrollment_id)
        until = kept_until(state, file_id, cause.time, uploads.retention)
        if not upload.erased and until is not None and until > cause.time:
            await uploads.handler.handle(UPLOAD, id, KeepUpload(until), cause)
            return
        await uploads.files.delete(file_id)
        await uploads.handler.handle(ENROLLMENT, enrollment_id, ForgetFile(file_id), cause)
        await uploads.handler.handle(UPLOAD, id, EndUpload(), cause)

    return fire
