"""Which events get an entry in the activity log: all but the few that are named here, each with its reason."""

from kontor_contracts import (
    Payload,
    Refusal,
    admin_grants,
    customer_matches,
    customers,
    enrollment,
    identity,
    notifications,
    relationships,
)
from kontor_contracts.relationships import ResellersRefused

ECHOES: tuple[type[Payload], ...] = (
    # Another event says the same, and has its entry: enrollment's or identity's of the company, the grant's own.
    relationships.PartnerListed,
    relationships.PartnerSuspended,
    relationships.PartnerReinstated,
    relationships.CustomersNotified,
    relationships.PartnerClosed,
    relationships.PartnerReopened,
    relationships.PartnerErased,
    relationships.CustomerClosed,
    relationships.CustomerReopened,
    customer_matches.RelationshipsMoved,
    customer_matches.ImportedCustomerRestored,
    admin_grants.AdminGrantHeld,
    admin_grants.AdminGrantDropped,
)
NOT_RECORDED: tuple[type[Payload], ...] = (
    *ECHOES,
    # Strangers repeat sign-ups.
    identity.SignUpRepeated,
    # Lines of a file of the registry; they concern no organization.
    enrollment.PartnerProfileImported,
    # Figures of a portal, told again and again; nobody decides them.
    customers.SubscriptionsReported,
    customer_matches.PortalMessagePassedOn,
    # What becomes of each mail stands in notifications; what somebody decides about mails is recorded.
    notifications.MailQueued,
    notifications.MailSent,
    notifications.MailAbandoned,
    notifications.MailWithdrawn,
    notifications.MailDeferred,
    notifications.MailSuppressed,
    notifications.MailSkipped,
    # What readers choose for their own mailboxes concerns no organization.
    notifications.MailPreferencesChanged,
)


def _recorded(event: type[Payload]) -> bool:
    # A refused command changed nothing. Here a person had accepted, so what came of it is in the log.
    return event not in NOT_RECORDED and (not issubclass(event, Refusal) or event is ResellersRefused)


RECORDED = tuple(
    filter(_recorded, (*identity.EVENTS, *enrollment.EVENTS, *relationships.EVENTS, *notifications.EVENTS))
)
