"""Request bodies about versions of the agreement."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from chassis import Form
from enrollment.agreement import FALLBACK
from enrollment.api.forms import Explanation
from enrollment.domain.agreement_edition import MOST_LANGUAGES, MOST_REGIONS
from kontor_contracts.values import Line, Moment

Version = Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""The name of a version, such as ``2027-06``."""
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"),
]


class EditionTextForm(Form):
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    title: Line
    text: Words


class EditionForm(Form):
    """``regions`` null: every region that has no version of its own. One of ``texts`` is in English."""

    version: Version
    regions: Annotated[list[Line], Field(min_length=1, max_length=MOST_REGIONS)] | None = None
    texts: Annotated[list[EditionTextForm], Field(min_length=1, max_length=MOST_LANGUAGES)]
    accept_until: Moment

    @model_validator(mode="after")
    def _one_of_each(self) -> "EditionForm":
        languages = [text.language for text in self.texts]
        if FALLBACK not in languages or len(set(languages)) < len(languages):
            raise ValueError("give one text for each language, and one of them in English (en)")
        if self.regions is not None and len(set(self.regions)) < len(self.regions):
            raise ValueError("name each region once")
        return self


class MoveAcceptanceForm(Form):
    """The partner gets ``explanation`` by mail."""

    accept_until: Moment
    explanation: Explanation = None
