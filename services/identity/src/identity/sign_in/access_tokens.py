"""Access tokens: what a user may do at this moment, as far as the session has proved."""

from dataclasses import dataclass

from chassis import PASSWORD_CHANGE, Cause, MongoStore, ProblemError
from identity.credentials.tokens import CLIENT, Grant, Signer
from identity.domain.roles import permissions
from identity.domain.second_factor.state import Factor
from identity.domain.session import Session
from identity.domain.user.state import User
from identity.people.lookup import profile_of, user_by_id
from identity.sign_in.claims import SCOPES
from identity.sign_in.second_factors import withheld


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``scope``: the permissions in it, and the scopes of OpenID Connect that were asked for."""

    text: str
    scope: tuple[str, ...]


class AccessTokens:
    """Issues access tokens. Raises ProblemError 401 where the user's access has ended since the sign-in."""

    def __init__(self, store: MongoStore, signer: Signer) -> None:
        self._store = store
        self._signer = signer

    async def of_session(
        self,
        session: Session,
        factor: Factor,
        cause: Cause,
        *,
        client_id: str = CLIENT,
        scope: frozenset[str] = frozenset(),
        lifetime: int | None = None,
    ) -> AccessToken:
        """Empty ``scope``: every permission of the user's roles."""
        # The user is read after the session was written: earlier changes are in the token, and later ones have a higher
        # number and void it.
        user, version = await self._present(session.user_id, session.epoch)
        held = frozenset(permissions(user.roles, profile_of(user).kind))
        held &= scope or held
        kept_back = withheld(factor, session.methods, cause) & held
        granted = tuple(sorted((held - kept_back) | (scope & SCOPES)))
        grant = Grant(
            scope=granted,
            withheld=sorted(kept_back),
            version=version,
            session_id=session.session_id,
            methods=session.methods,
            signed_in_at=session.started_at or cause.time,
            at=cause.time,
            client_id=client_id,
            lifetime=lifetime,
        )
        return AccessToken(self._signer.access_token(user, grant), granted)

    async def for_password_change(self, user: User, cause: Cause) -> str:
        """A token that is valid for nothing but the choice of a password."""
        user, version = await self._present(user.user_id, user.session_epoch)
        grant = Grant(scope=[PASSWORD_CHANGE], version=version, signed_in_at=cause.time, at=cause.time)
        return self._signer.access_token(user, grant)

    async def _present(self, user_id: str, epoch: int) -> tuple[User, int]:
        found = await user_by_id(self._store, user_id)
        if found is None or found[0].session_epoch != epoch:
            raise refused()
        return found


def refused() -> ProblemError:
    detail = "address and password do not match, or the session is over; after many attempts wait some minutes"
    return ProblemError(401, "invalid-credentials", detail)
