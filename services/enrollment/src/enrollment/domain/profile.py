"""One organization profile of the membership registry: a company at one place, and the number it has there.

Pure. A profile is known by its partner id; it comes in with the operator's file and is never typed in by a company.
"""

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from kontor_contracts.enrollment import PartnerProfileImported

ProfileStatus = Literal["active", "inactive"]
ProfileKind = Literal["location", "global"]
"""``location``: a place that does business. ``global``: the headquarters' umbrella, which takes part in no program."""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A profile as the registry has it. ``access_code_hash``: see `enrollment.access_codes`."""

    partner_id: str
    membership_account: str
    access_code_hash: str
    company_name: str
    country: str
    status: ProfileStatus
    kind: ProfileKind


@dataclass(frozen=True, slots=True)
class Profile:
    """``import_id`` names the import that brought the entry as it is."""

    entry: RegistryEntry | None = None
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class ImportProfile:
    entry: RegistryEntry
    import_id: str


@dataclass(frozen=True, slots=True)
class RehashAccessCode:
    """The same code under another hash, where it is stored as ``old`` still."""

    old: str
    new: str


Command = ImportProfile | RehashAccessCode


@dataclass(frozen=True, slots=True)
class EntryRecorded:
    """The whole entry, sign-in included; for this service alone."""

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
    """The same entry again changes nothing. Another access code alone is announced to nobody."""
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
