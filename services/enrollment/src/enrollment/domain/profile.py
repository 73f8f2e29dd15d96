"""An organization profile of the membership registry: a company at one place, with its partner id.

Profiles come from the operator's file. Companies do not enter them.
"""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from kontor_contracts.enrollment import PartnerProfileImported

ProfileStatus = Literal["active", "inactive"]
ProfileKind = Literal["location", "global"]
"""``location``: a place of business. ``global``: the headquarters' umbrella profile, which cannot enroll."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A profile in the registry. ``access_code_hash``: see `enrollment.access_codes`."""

    partner_id: str
    membership_account: str
    access_code_hash: str
    company_name: str
    country: str
    status: ProfileStatus
    kind: ProfileKind


@dataclass(frozen=True, slots=True)
class Profile:
    """``import_id``: the import that last changed the entry."""

    entry: RegistryEntry | None = None
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class ImportProfile:
    entry: RegistryEntry
    import_id: str


@dataclass(frozen=True, slots=True)
class RehashAccessCode:
    """Stores the same code with a new hash, if its stored hash is still ``old``."""

    old: str
    new: str


Command = ImportProfile | RehashAccessCode


@dataclass(frozen=True, slots=True)
class EntryRecorded:
    """The whole entry with the hash of its access code, which is not announced."""

    entry: RegistryEntry
    import_id: str


Fact = PartnerProfileImported | EntryRecorded


def decide(command: Command, state: Profile) -> list[Fact]:
    match command:
        case ImportProfile():
            return _import(command, state)
        case RehashAccessCode(old, new):
            if state.entry is None or state.entry.access_code_hash != old:
                return []
            return [EntryRecorded(replace(state.entry, access_code_hash=new), state.import_id)]
        case _:
            assert_never(command)


def _import(command: ImportProfile, state: Profile) -> list[Fact]:
    """The same entry again changes nothing. A change of the access code alone is not announced."""
    entry = command.entry
    if entry == state.entry:
        return []
    if state.entry and entry == replace(state.entry, access_code_hash=entry.access_code_hash):
        return [EntryRecorded(entry, command.import_id)]
    imported = PartnerProfileImported(
        partner_id=entry.partner_id, company_name=entry.company_name, country=entry.country, status=entry.status
    )
    return [imported, EntryRecorded(entry, command.import_id)]


def evolve(state: Profile, event: Fact) -> Profile:
    match event:
        case EntryRecorded(entry=entry, import_id=import_id):
            return Profile(entry, import_id)
        case PartnerProfileImported():
            return state
