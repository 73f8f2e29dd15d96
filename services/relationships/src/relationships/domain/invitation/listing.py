"""In which lists an invitation stands: those of its inviter, and those of the person and companies it is for (ADR 30)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from kontor_contracts.addresses import address_key, mail_domain
from relationships.domain.invitation.state import Invitation, State, Status, people_of
from relationships.domain.listing_words import WORD_START, search_words

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def inviters_list(organization_id: str) -> str:
    return f"inviter={organization_id}"


def inviters_status_list(organization_id: str, status: Status) -> str:
    return f"inviter={organization_id}|{status}"


def inviters_word_list(organization_id: str, word: str) -> str:
    """Of a word of the addressee's name: its first letters."""
    return f"inviter={organization_id}|word={word[:WORD_START]}"


def inviters_addressee_list(organization_id: str, email: str) -> str:
    return f"inviter={organization_id}|to={address_key(email)}"


def address_list(email: str) -> str:
    return f"to={address_key(email)}"


def domain_list(domain: str) -> str:
    """``domain``: its key."""
    return f"domain={domain}"


def company_list(organization_id: str) -> str:
    """Of a company that has accepted, or that the inviter has let in."""
    return f"for={organization_id}"


def person_list(user_id: str) -> str:
    """The invitations that name a user. No list page shows it; it is there for the user's erasure."""
    return f"person={user_id}"


def listing(state: State) -> tuple[tuple[str, ...], str, str] | None:
    """Keys, order and text. The order is that of drafting."""
    invitation = state.invitation
    if invitation is None:
        return None
    people = (person_list(one.user_id) for one in people_of(invitation))
    keys = dict.fromkeys((*_inviters(invitation), *_addressees(invitation), *people))
    created = (invitation.created_at or NEVER).astimezone(UTC)
    words = " ".join(search_words(invitation.recipient.name))
    return tuple(keys), f"{created:%Y-%m-%dT%H:%M:%S.%f}\t{invitation.invitation_id}", words


def _inviters(invitation: Invitation) -> Iterator[str]:
    inviter = invitation.inviter.organization_id
    yield inviters_list(inviter)
    yield inviters_status_list(inviter, invitation.status)
    yield inviters_addressee_list(inviter, invitation.recipient.email)
    for word in search_words(invitation.recipient.name):
        yield from (inviters_word_list(inviter, word[:length]) for length in range(1, WORD_START + 1))


def _addressees(invitation: Invitation) -> Iterator[str]:
    """Addressees do not see drafts, or invitations that were revoked before they were sent."""
    if invitation.sent_at is None:
        return
    yield address_list(invitation.recipient.email)
    yield domain_list(mail_domain(invitation.recipient.email))
    if invitation.accepted_by:
        yield company_list(invitation.accepted_by)
    for request in invitation.requests:
        if request.status == "confirmed":
            yield company_list(request.person.organization_id)
