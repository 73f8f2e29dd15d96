"""A version of the partner agreement that the program's staff published, and may withdraw. Key: the version.

Its partners are asked in pages: ``after`` is the enrollment that the page before ended with. They are asked once more an
hour later, because somebody may have signed an older version while it was published. A withdrawal goes the same way.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, assert_never

from kontor_contracts.enrollment import AgreementPublished, AgreementWithdrawn
from kontor_contracts.envelope import Refusal

PASSES = 2
BETWEEN_PASSES = timedelta(hours=1)
SHORTEST = timedelta(days=30)
"""As long as the notice of the agreement: who does not accept a version may leave before it counts."""
FARTHEST = timedelta(days=2 * 365)
MOST_LANGUAGES = 30
MOST_REGIONS = 50

EditionStatus = Literal["published", "withdrawn"]


@dataclass(frozen=True, slots=True)
class EditionText:
    """``sha256``: of the words, which stand in a document of their own."""

    language: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Edition:
    """``status`` None: there is none. ``regions`` None: those without a version of their own. ``asked``: partners so far."""

    status: EditionStatus | None = None
    version: str = ""
    regions: tuple[str, ...] | None = None
    texts: tuple[EditionText, ...] = ()
    accept_until: datetime | None = None
    published_at: datetime | None = None
    published_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    asked: int = 0
    passes: int = 0
    after: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishEdition:
    """``shipped``: a release of Kontor brings a version of this name."""

    version: str
    regions: tuple[str, ...] | None
    texts: tuple[EditionText, ...]
    accept_until: datetime
    shipped: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawEdition:
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    """A page of partners was asked. ``status``, ``passes``, ``before``: where it began; another process may have been faster.

    ``after`` None: it was the last page.
    """

    status: EditionStatus
    passes: int
    before: str | None
    after: str | None
    asked: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PageNoted:
    asked: int
    passes: int
    after: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class EditionKept:
    """What is not announced of a publication."""

    texts: tuple[EditionText, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawalKept:
    at: datetime


class EditionRefused(Refusal):
    """``detail`` says what is wrong and what to do; ``field`` names the value that is meant."""

    TYPE: ClassVar[str] = "kontor.enrollment.edition-refused.v1"
    reason: Literal["version-exists", "due-date-invalid", "not-published"]
    detail: str
    field: str | None = None


Command = PublishEdition | WithdrawEdition | NotePage
Fact = AgreementPublished | AgreementWithdrawn | EditionKept | WithdrawalKept | PageNoted


def decide(command: Command, state: Edition) -> list[Fact | EditionRefused]:
    match command:
        case PublishEdition():
            return _publish(command, state)
        case WithdrawEdition(by, at):
            return _withdraw(by, at, state)
        case NotePage():
            return _note(command, state)
        case _:
            assert_never(command)


def evolve(state: Edition, fact: Fact) -> Edition:
    match fact:
        case AgreementPublished():
            return replace(
                state,
                status="published",
                version=fact.version,
                regions=fact.regions,
                accept_until=fact.accept_until,
                published_by=fact.published_by,
            )
        case EditionKept(texts, at):
            return replace(state, texts=texts, published_at=at, due=at)
        case AgreementWithdrawn(withdrawn_by=by):
            return replace(state, status="withdrawn", withdrawn_by=by)
        case WithdrawalKept(at):
            return replace(state, withdrawn_at=at, passes=0, after=None, due=at)
        case PageNoted(asked, passes, after, due):
            return replace(state, asked=asked, passes=passes, after=after, due=due)
        case _:
            assert_never(fact)


ALL = "edition"


def status_key(status: EditionStatus) -> str:
    return f"edition|status={status}"


def listing(state: Edition) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text; in the order of publication."""
    if state.status is None or state.published_at is None:
        return None
    return (ALL, status_key(state.status)), f"{state.published_at.isoformat()}\t{state.version}", ""


def _publish(command: PublishEdition, state: Edition) -> list[Fact | EditionRefused]:
    if _same(command, state):
        return []
    if command.shipped or state.status is not None:
        detail = f"there is a version {command.version} already; choose another name for yours"
        return [EditionRefused(reason="version-exists", field="version", detail=detail)]
    first, last = command.at + SHORTEST, command.at + FARTHEST
    if not first <= command.accept_until <= last:
        detail = f"choose a date from {first + timedelta(days=1):%Y-%m-%d} to {last:%Y-%m-%d}"
        return [EditionRefused(reason="due-date-invalid", field="accept_until", detail=detail)]
    published = AgreementPublished(
        version=command.version,
        regions=command.regions,
        languages=tuple(text.language for text in command.texts),
        accept_until=command.accept_until,
        published_by=command.by,
    )
    return [published, EditionKept(command.texts, command.at)]


def _same(command: PublishEdition, state: Edition) -> bool:
    given = (command.regions, command.texts, command.accept_until)
    return state.status == "published" and given == (state.regions, state.texts, state.accept_until)


def _withdraw(by: str, at: datetime, state: Edition) -> list[Fact | EditionRefused]:
    if state.status is None:
        detail = "no version of this name was published; versions that a release brings cannot be withdrawn"
        return [EditionRefused(reason="not-published", detail=detail)]
    if state.status == "withdrawn":
        return []
    return [AgreementWithdrawn(version=state.version, withdrawn_by=by), WithdrawalKept(at)]


def _note(command: NotePage, state: Edition) -> list[Fact | EditionRefused]:
    if state.due is None or (command.status, command.passes, command.before) != (
        state.status,
        state.passes,
        state.after,
    ):
        return []
    asked = state.asked + (command.asked if command.status == "published" else 0)
    if command.after is not None:
        return [PageNoted(asked, state.passes, command.after, command.at)]
    passes = state.passes + 1
    return [PageNoted(asked, passes, None, command.at + BETWEEN_PASSES if passes < PASSES else None)]
