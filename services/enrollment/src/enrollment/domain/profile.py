"""An organization profile of the membership registry: a company at one place, with its partner id.

Operators keep the profiles, by file or one at a time. Companies do not enter them.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal, assert_never, get_args

from kontor_contracts.enrollment import PartnerProfileImported, PartnerProfileRefused

ProfileStatus = Literal["active", "inactive"]
ProfileKind = Literal["location", "global"]
"""``location``: a place of business. ``global``: the headquarters' umbrella profile, which cannot enroll."""
ProgramState = Literal["none", "enrolled"]
"""``enrolled``: the company is in the program already, outside of this platform."""
KeptBy = Literal["file", "api", "message"]

CHANGES_KEPT = 100
"""The oldest go: the document stays small."""
NO_CODE = ""
"""The hash of an access code that there is not. Nobody can sign in with it."""


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
    program_state: ProgramState = "none"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps an entry, when, and by which way."""

    by: str
    at: datetime
    way: KeptBy


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One changed field. ``old`` None: the profile is new. Both are None for an access code, which nobody reads."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class KeptChange:
    keeper: Keeper
    changes: tuple[EntryChange, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """``import_id``: the import or request that last changed the entry. ``history``: the oldest change first."""

    entry: RegistryEntry | None = None
    import_id: str = ""
    history: tuple[KeptChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportProfile:
    """``entry`` with ``NO_CODE`` keeps the access code that there is, unless the membership account changes."""

    entry: RegistryEntry
    import_id: str
    keeper: Keeper


@dataclass(frozen=True, slots=True)
class RetireProfile:
    """The profile becomes inactive."""

    partner_id: str
    import_id: str
    keeper: Keeper


@dataclass(frozen=True, slots=True)
class RehashAccessCode:
    """Stores the same code with a new hash, if its stored hash is still ``old``."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ListProfile:
    """Puts a profile of an older release in the list of profiles. Changes nothing of the entry."""


Command = ImportProfile | RetireProfile | RehashAccessCode | ListProfile


@dataclass(frozen=True, slots=True)
class EntryRecorded:
    """The whole entry with the hash of its access code, which is not announced. ``change`` None: only the hash is new."""

    entry: RegistryEntry
    import_id: str
    change: KeptChange | None = None


@dataclass(frozen=True, slots=True)
class ProfileListed:
    """The profile stands in the list. The state is the same."""


Fact = PartnerProfileImported | EntryRecorded | ProfileListed
RefusedId = Literal["id-reused", "too-late"]


def decide(command: Command, state: Profile) -> list[Fact | PartnerProfileRefused]:
    match command:
        case ImportProfile():
            return _import(command, state)
        case RetireProfile():
            return _retire(command, state)
        case RehashAccessCode(old, new):
            if state.entry is None or state.entry.access_code_hash != old:
                return []
            return [EntryRecorded(replace(state.entry, access_code_hash=new), state.import_id)]
        case ListProfile():
            return [ProfileListed()] if state.entry else []
        case _:
            assert_never(command)


def evolve(state: Profile, event: Fact) -> Profile:
    match event:
        case EntryRecorded(entry, import_id, change):
            history = (*state.history, change)[-CHANGES_KEPT:] if change else state.history
            return Profile(entry, import_id, history)
        case PartnerProfileImported() | ProfileListed():
            return state


def refuse(command: Command, reason: RefusedId) -> PartnerProfileRefused:
    """Refuse a command of a topic that carries an id of its sender."""
    match command:
        case ImportProfile(entry=entry):
            return PartnerProfileRefused(partner_id=entry.partner_id, reason=reason)
        case RetireProfile(partner_id=partner_id):
            return PartnerProfileRefused(partner_id=partner_id, reason=reason)
        case _:
            raise AssertionError("this command does not come over the bus")


def listing(state: Profile) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text of the profile in lists, for operators."""
    entry = state.entry
    if entry is None:
        return None
    keys = (
        ALL,
        list_key("status", entry.status),
        list_key("kind", entry.kind),
        list_key("country", entry.country),
        list_key("program_state", entry.program_state),
        list_key("account", entry.membership_account),
    )
    text = " ".join(f"{entry.partner_id} {entry.membership_account} {entry.company_name}".casefold().split())
    return keys, entry.partner_id, text


ALL = "profile"
ListField = Literal["status", "kind", "country", "program_state", "account"]


def list_key(field: ListField, value: str) -> str:
    assert field in get_args(ListField), field
    return f"profile|{field}={value}"


def _retire(command: RetireProfile, state: Profile) -> list[Fact | PartnerProfileRefused]:
    if state.entry is None:
        return [PartnerProfileRefused(partner_id=command.partner_id, reason="profile-unknown")]
    retired = ImportProfile(replace(state.entry, status="inactive"), command.import_id, command.keeper)
    return _import(retired, state)


def _import(command: ImportProfile, state: Profile) -> list[Fact | PartnerProfileRefused]:
    """The same entry again changes nothing. A change that others do not see is not announced."""
    entry = _with_code(command.entry, state.entry)
    if entry == state.entry:
        return []
    recorded = EntryRecorded(entry, command.import_id, KeptChange(command.keeper, _changes(state.entry, entry)))
    imported = _announced(entry)
    return [recorded] if state.entry and imported == _announced(state.entry) else [imported, recorded]


def _announced(entry: RegistryEntry) -> PartnerProfileImported:
    return PartnerProfileImported(
        partner_id=entry.partner_id,
        company_name=entry.company_name,
        country=entry.country,
        status=entry.status,
        kind=entry.kind,
        program_state=entry.program_state,
    )


def _with_code(entry: RegistryEntry, known: RegistryEntry | None) -> RegistryEntry:
    """A code belongs to its account: with another account it is void."""
    if entry.access_code_hash != NO_CODE or known is None or known.membership_account != entry.membership_account:
        return entry
    return replace(entry, access_code_hash=known.access_code_hash)


def _changes(known: RegistryEntry | None, entry: RegistryEntry) -> tuple[EntryChange, ...]:
    return tuple(
        _change(field.name, getattr(known, field.name) if known else None, getattr(entry, field.name))
        for field in fields(entry)
        if field.name != "partner_id" and (known is None or getattr(known, field.name) != getattr(entry, field.name))
    )


def _change(name: str, old: str | None, new: str) -> EntryChange:
    if name == "access_code_hash":
        return EntryChange("access_code", None, None)
    return EntryChange(name, old, new)
