"""The right to accept: of the addressee, people of its organization, and companies that the inviter lets in."""

from kontor_contracts.addresses import address_key
from relationships.domain.invitation.state import AccessRequest, Invitation, Person


def entitled(invitation: Invitation, person: Person, *, domain_proved: bool) -> bool:
    """Whether the person may accept. ``domain_proved``: its organization has proved the domain of the invited address.

    Identity signs nobody in whose address is not proved, so the address of a signed-in user is the user's own.
    """
    if invitation.anyone or domain_proved:
        return True
    if address_key(person.contact.email) == address_key(invitation.recipient.email):
        return True
    known = request_of(invitation, person.organization_id)
    return known is not None and known.status == "confirmed"


def request_of(invitation: Invitation, organization_id: str) -> AccessRequest | None:
    """The request of a company. It has one at most."""
    return next((one for one in invitation.requests if one.person.organization_id == organization_id), None)
