"""Which events take access tokens back."""

from kontor_contracts.envelope import Payload
from kontor_contracts.identity.credentials import SessionRevoked, UserAddressChanged, UserPasswordChanged
from kontor_contracts.identity.users import UserDeleted, UserDisabled, UserPurged, UserRolesChanged


def voids_tokens(event: Payload) -> bool:
    """Whether access tokens that were issued before this event, to its subject (a user or a session), are void.

    A token names its session (``sid``) and the last event of its user when it was issued (``ver``):
    an event of the user with a higher ``sequence`` came later. A service that verifies tokens without asking identity reads
    the events of the last hour, longer than any token lives, and refuses what they void.
    """
    match event:
        case (
            SessionRevoked()
            | UserPasswordChanged()
            | UserAddressChanged()
            | UserDisabled()
            | UserDeleted()
            | UserPurged()
        ):
            return True
        case UserRolesChanged(removed=removed):
            return bool(removed)
        case _:
            return False
