"""Personal links to invitations.

A link is derived from a secret and not stored. So the database holds no links, and the inviter can see the link any time.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from chassis.crypto import WatchedFile, secrets_of
from chassis.http.pages import personal_url
from relationships.domain.invitation.state import Invitation


class Links:
    """Makes and recognizes links to invitations: the first secret of the file makes them, each recognizes its own."""

    def __init__(self, secret_file: Path, public_url: str) -> None:
        self._secrets = WatchedFile(secret_file, secrets_of)
        self._public_url = public_url

    def url(self, invitation: Invitation) -> str:
        path = f"/invitations/{invitation.invitation_id}"
        return personal_url(
            self._public_url, path, token=_token(self.secrets()[0], invitation), culture=invitation.recipient.culture
        )

    def generation(self, invitation: Invitation | None, token: str) -> int | None:
        """The invitation's generation if ``token`` is its current token, else None."""
        if invitation is None:
            return None
        given = token.encode()
        known = [hmac.compare_digest(_token(secret, invitation).encode(), given) for secret in self.secrets()]
        return invitation.generation if any(known) else None

    def secrets(self) -> tuple[bytes, ...]:
        """The secrets at this moment, the one that makes links first."""
        return self._secrets.current()


def _token(secret: bytes, invitation: Invitation) -> str:
    message = f"{invitation.invitation_id}|{invitation.generation}"
    digest = hmac.digest(secret, message.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
