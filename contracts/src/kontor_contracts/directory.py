"""What relationships announces about the directory of providers.

`kontor_contracts.relationships` lists these messages. Key: the aggregate.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from kontor_contracts.envelope import Event, Payload
from kontor_contracts.values import Country, Culture, Email, Id, Line, Moment, Partner, Recipient, Text, Value

ProviderService = Literal["training", "marketing", "financing"]
"""What a provider does for its resellers beside orders and billing (the program's "Work with an indirect provider")."""
SupportLevel = Literal["business-hours", "extended-hours", "around-the-clock"]
CustomerSize = Literal["small", "medium", "large"]
Description = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2_500, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]


class Location(Value):
    """A place of business."""

    country: Country
    city: Line
    address: Line | None = None


class LeadContact(Value):
    """The person, or the team, that companies write to or call. The provider publishes it."""

    name: Line
    email: Email
    phone: Line | None = None


class ProviderProfile(Value):
    """What a provider says about itself in the directory.

    ``languages`` are ISO 639-1; ``countries_served`` are in the provider's region. ``industries`` and ``products`` are tags of
    the provider's own choice, and searched. ``locations``: at most five in each country. ``logo_url``: a picture at the host of
    ``website``, which readers load themselves.
    """

    description: Description | None = None
    website: Line | None = None
    linkedin: Line | None = None
    phone: Line | None = None
    languages: tuple[Culture, ...] = ()
    countries_served: tuple[Country, ...] = ()
    services: tuple[ProviderService, ...] = ()
    support_level: SupportLevel | None = None
    industries: tuple[Line, ...] = ()
    products: tuple[Line, ...] = ()
    customer_sizes: tuple[CustomerSize, ...] = ()
    locations: tuple[Location, ...] = ()
    logo_url: Line | None = None
    lead_contact: LeadContact | None = None


class ProfileEdited(Event):
    """The provider changed what its profile says, published or not. Subject of this and the next two: the profile."""

    TYPE: ClassVar[str] = "kontor.relationships.profile-edited.v1"
    organization_id: Id
    profile: ProviderProfile
    previous: ProviderProfile
    edited_at: Moment


class ProfilePublished(Event):
    """The provider is in the directory with this profile; sent again when a published profile changes."""

    TYPE: ClassVar[str] = "kontor.relationships.profile-published.v1"
    organization_id: Id
    name: Line
    country: Country
    region: Line
    profile: ProviderProfile
    published_at: Moment


class ProfileUnpublished(Event):
    """The provider took itself out of the directory. A suspension hides a profile without this event."""

    TYPE: ClassVar[str] = "kontor.relationships.profile-unpublished.v1"
    organization_id: Id
    unpublished_at: Moment


DeclineReason = Literal["not-taking-resellers", "outside-offer", "requirements-not-met", "other"]


class PartnershipRequested(Event):
    """A reseller asks a provider of the directory to work with it. Subject of this and the next four: the request.

    ``requester``: the person who asks. The request expires without an answer. One is open at a time between two companies.
    """

    TYPE: ClassVar[str] = "kontor.relationships.partnership-requested.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    request_id: Id
    provider: Partner
    reseller: Partner
    requester: Recipient
    requested_by: Id
    message: Text | None = None
    requested_at: Moment
    expires_at: Moment


class PartnershipRequestAccepted(Event):
    """The provider said yes: an invitation to the requester is drafted, which the provider sends."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-request-accepted.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    request_id: Id
    provider: Partner
    reseller: Partner
    requester: Recipient
    invitation_id: Id
    accepted_by: Id
    accepter: Recipient
    accepted_at: Moment


class PartnershipRequestDeclined(Event):
    """The provider said no."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-request-declined.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("provider.organization_id", "reseller.organization_id")
    request_id: Id
    provider: Partner
    reseller: Partner
    requester: Recipient
    reason: DeclineReason
    comment: Line | None = None
    declined_at: Moment


class PartnershipRequestWithdrawn(Event):
    """The reseller took the request back."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-request-withdrawn.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    request_id: Id
    provider: Partner
    reseller: Partner
    withdrawn_at: Moment


class PartnershipRequestExpired(Event):
    """The provider did not answer in time."""

    TYPE: ClassVar[str] = "kontor.relationships.partnership-request-expired.v1"
    TENANT: ClassVar[tuple[str, ...]] = ("reseller.organization_id", "provider.organization_id")
    request_id: Id
    provider: Partner
    reseller: Partner
    requester: Recipient
    expired_at: Moment


EVENTS: tuple[type[Payload], ...] = (
    ProfileEdited,
    ProfilePublished,
    ProfileUnpublished,
    PartnershipRequested,
    PartnershipRequestAccepted,
    PartnershipRequestDeclined,
    PartnershipRequestWithdrawn,
    PartnershipRequestExpired,
)
