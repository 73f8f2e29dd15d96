"""What changes in a provider's profile, field by field."""

from collections.abc import Iterator, Sequence

from identity.domain.audit_entry import Difference
from kontor_contracts import Payload
from kontor_contracts.directory import LeadContact, Location, ProfileEdited, ProviderProfile

LONGEST = 200
"""Characters of a value in the log. The profile has the whole text."""


def profile_differences(data: Payload) -> Iterator[Difference]:
    if not isinstance(data, ProfileEdited):
        return
    for field in ProviderProfile.model_fields:
        old, new = (_text(getattr(one, field)) for one in (data.previous, data.profile))
        if old != new:
            yield Difference(field, old, new)


def _text(value: object) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, LeadContact):
        return "given"
    if isinstance(value, Location):
        return ", ".join(one for one in (value.address, value.city, value.country) if one)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _short("; ".join(_text(one) or "" for one in value))
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
