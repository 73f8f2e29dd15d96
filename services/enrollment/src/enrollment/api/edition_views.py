"""What the program's staff see of a version of the agreement, and a partner of what it is asked to accept."""

from collections.abc import Mapping
from datetime import datetime

from enrollment.agreement import AgreementText
from enrollment.api.base_views import View
from enrollment.domain.agreement_edition import Edition, EditionStatus
from enrollment.domain.enrollment.acceptance import pending
from enrollment.domain.enrollment.state import Enrollment


class EditionView(View):
    """``asked``: partners so far; ``asking``: more are to come."""

    version: str
    status: EditionStatus
    regions: list[str] | None
    languages: list[str]
    accept_until: datetime
    published_at: datetime
    published_by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    asked: int
    asking: bool


class EditionTextView(View):
    language: str
    title: str
    text: str
    sha256: str


class EditionFileView(EditionView):
    texts: list[EditionTextView]


class AcceptanceView(View):
    """A partner is to accept ``version`` by ``accept_until``, or it is suspended then."""

    version: str
    accept_until: datetime


def edition_view(state: Edition) -> EditionView:
    return EditionView.model_validate(_facts(state))


def edition_file(state: Edition, words: Mapping[str, AgreementText]) -> EditionFileView:
    texts = [
        EditionTextView(language=language, title=said.title, text=said.text, sha256=said.sha256)
        for language, said in words.items()
    ]
    return EditionFileView.model_validate(_facts(state) | {"texts": texts})


def acceptance_view(state: Enrollment) -> AcceptanceView | None:
    acceptance = pending(state)
    return AcceptanceView(version=acceptance.version, accept_until=acceptance.accept_until) if acceptance else None


def _facts(state: Edition) -> dict[str, object]:
    names = [name for name in EditionView.model_fields if name not in {"languages", "asking", "regions"}]
    return {name: getattr(state, name) for name in names} | {
        "regions": list(state.regions) if state.regions is not None else None,
        "languages": [text.language for text in state.texts],
        "asking": state.due is not None,
    }
