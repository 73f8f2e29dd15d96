"""Values of identity's messages."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from kontor_contracts.values import Country, Culture, Email, Id, Line, OrganizationKind, PartnerId, Value

DomainName = Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$")]
"""A name of the DNS in its ASCII form (RFC 5890), small letters, no dot at the end."""

OrganizationStatus = Literal["registered", "enrolling", "qualified", "active", "suspended", "rejected", "former"]
"""How far the organization is in the program; follows its enrollment."""


class OrganizationProfile(Value):
    """A work account. ``country`` and ``kind`` can be corrected until an enrollment was submitted."""

    organization_id: Id
    name: Line
    kind: OrganizationKind
    country: Country
    culture: Culture


class RoleLocations(Value):
    """A role that counts for these locations of the company alone, each named by its partner id."""

    role: Id
    locations: tuple[PartnerId, ...]


class Sender(Value):
    """The user who causes a mail, with what Kontor knows of the organization: facts for the mail, not the sender's words.

    ``domain`` is one that the organization has proved; ``status`` says how far it is in the program.
    """

    name: Line
    email: Email
    domain: DomainName | None = None
    status: OrganizationStatus = "registered"
