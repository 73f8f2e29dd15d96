"""The stored content of an uploaded file: a reminder to delete it. The enrollment says whether it is still needed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, assert_never


@dataclass(frozen=True, slots=True)
class Upload:
    """``due``: when it is looked at. ``erased``: it is deleted whatever the enrollment says. ``deleted``: it is gone."""

    enrollment_id: str = ""
    organization_id: str = ""
    due: datetime | None = None
    erased: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class BeginUpload:
    """Before the content is stored, so that a crash leaves none that nobody deletes."""

    enrollment_id: str
    organization_id: str
    look_at: datetime


@dataclass(frozen=True, slots=True)
class KeepUpload:
    """It is needed until then at least; then its timer asks again."""

    look_at: datetime


@dataclass(frozen=True, slots=True)
class EraseUpload:
    """The organization was erased."""

    ERASES: ClassVar[bool] = True
    at: datetime


@dataclass(frozen=True, slots=True)
class EndUpload:
    """The content is deleted."""


Command = BeginUpload | KeepUpload | EraseUpload | EndUpload


@dataclass(frozen=True, slots=True)
class UploadBegun:
    enrollment_id: str
    organization_id: str
    look_at: datetime


@dataclass(frozen=True, slots=True)
class UploadKept:
    look_at: datetime


@dataclass(frozen=True, slots=True)
class UploadErased:
    at: datetime


@dataclass(frozen=True, slots=True)
class UploadEnded:
    pass


Fact = UploadBegun | UploadKept | UploadErased | UploadEnded


def decide(command: Command, state: Upload) -> list[Fact]:
    match command:
        case BeginUpload():
            # The same upload again, after its first try broke off.
            return [UploadBegun(command.enrollment_id, command.organization_id, command.look_at)]
        case KeepUpload(look_at):
            over = state.due is None or state.erased
            return [] if over or look_at == state.due else [UploadKept(look_at)]
        case EraseUpload(at):
            return [] if state.erased or state.deleted else [UploadErased(at)]
        case EndUpload():
            return [] if state.deleted else [UploadEnded()]
        case _:
            assert_never(command)


def evolve(state: Upload, event: Fact) -> Upload:
    match event:
        case UploadBegun():
            return Upload(event.enrollment_id, event.organization_id, event.look_at)
        case UploadKept(look_at):
            return replace(state, due=look_at)
        case UploadErased(at):
            return replace(state, due=at, erased=True)
        case UploadEnded():
            return replace(state, due=None, deleted=True)
        case _:
            assert_never(event)
