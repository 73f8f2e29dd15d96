"""What entries of the activity log show: names of people are for their own organization and the staff."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from chassis import MongoStore, Principal
from chassis.files import csv_line
from identity.documents import ORGANIZATION, USER
from identity.domain.audit_entry import Entry, Line

EXPORTED = (
    "at",
    "actor",
    "actor_name",
    "on_behalf_of",
    "on_behalf_of_name",
    "action",
    "subject",
    "subject_name",
    "field",
    "old",
    "new",
    "organization_ids",
    "correlation_id",
)


class DifferenceView(BaseModel):
    field: str
    old: str | None
    new: str | None


class EntryView(BaseModel):
    """Names are current ones. Names of people are null for purged users and for users of other organizations.

    ``actor``: ``user:<id>``, ``service:<name>``, ``console`` or ``anonymous``. ``on_behalf_of``: the actor's organization,
    ``program`` where no user acted, ``unknown`` where the user is not known. ``organization_ids``: the organizations that the
    change concerns, for the program's staff; else the caller's own.
    """

    entry_id: str
    at: datetime
    actor: str
    actor_name: str | None
    on_behalf_of: str
    on_behalf_of_name: str | None
    action: str
    subject: str
    subject_name: str | None
    differences: list[DifferenceView]
    organization_ids: list[str]
    correlation_id: str


class ActivityViews:
    """Entries as callers see them."""

    def __init__(self, store: MongoStore) -> None:
        self._store = store

    async def of(self, lines: Sequence[Line], caller: Principal) -> list[EntryView]:
        entries = [each.entry for each in lines if each.entry]
        people = await self._people(entries, caller)
        companies = await self._companies(entries)
        return [_view(entry, people, companies, caller) for entry in entries]

    async def _people(self, entries: Sequence[Entry], caller: Principal) -> dict[str, str]:
        ids = {each for entry in entries for each in (entry.actor, entry.subject) if each.startswith("user:")}
        users = await self._store.get_many(*((USER, each) for each in sorted(ids))) if ids else []
        return {
            USER.id(user.user_id): user.full_name
            for user in users
            if user
            and user.full_name
            and user.organization
            and (caller.organization_kind == "operator" or user.organization.organization_id == caller.organization_id)
        }

    async def _companies(self, entries: Sequence[Entry]) -> dict[str, str]:
        ids = sorted({entry.on_behalf_of for entry in entries})
        found = await self._store.get_many(*((ORGANIZATION, ORGANIZATION.id(each)) for each in ids)) if ids else []
        return {id: one.profile.name for id, one in zip(ids, found, strict=True) if one and one.profile}


def _view(entry: Entry, people: dict[str, str], companies: dict[str, str], caller: Principal) -> EntryView:
    staff = caller.organization_kind == "operator"
    return EntryView(
        entry_id=entry.event_id,
        at=entry.at,
        actor=entry.actor,
        actor_name=people.get(entry.actor),
        on_behalf_of=entry.on_behalf_of,
        on_behalf_of_name=companies.get(entry.on_behalf_of),
        action=entry.action,
        subject=entry.subject,
        subject_name=people.get(entry.subject),
        differences=[DifferenceView(field=d.field, old=d.old, new=d.new) for d in entry.differences],
        organization_ids=list(entry.organizations or (entry.organization_id,)) if staff else [caller.organization_id],
        correlation_id=entry.correlation_id,
    )


def csv_rows(view: EntryView, separator: str) -> str:
    who = (
        view.at.isoformat(),
        view.actor,
        view.actor_name,
        view.on_behalf_of,
        view.on_behalf_of_name,
        view.action,
        view.subject,
        view.subject_name,
    )
    last = (" ".join(view.organization_ids), view.correlation_id)
    differences = view.differences or [DifferenceView(field="", old=None, new=None)]
    return "".join(csv_line((*who, each.field, each.old, each.new, *last), separator) for each in differences)
