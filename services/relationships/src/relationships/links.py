"""Personal links to invitations.

A link is derived from a secret and not stored. So the database holds no links, and the inviter can see the link any time.
"""

import base64
import hashlib
import hmac
from pathlib import Path

from chassis.http.pages import personal_url
from relationships.domain.invitation.state import Invitation

MIN_SECRET = 32


def secret(file: Path) -> bytes:
    """Raises OSError, ValueError."""
    found = file.read_bytes().strip()
    if len(found) < MIN_SECRET:
        raise ValueError(f"the link secret needs {MIN_SECRET} characters or more")
    return found


class Links:
    """Makes and recognizes links to invitations. The secret is read once."""

    def __init__(self, secret_file: Path, public_url: str) -> None:
        self._secret = secret(secret_file)
        self._public_url = public_url

    def url(self, invitation: Invitation) -> str:
        path = f"/invitations/{invitation.invitation_id}"
        return personal_url(self._public_url, path, token=self._token(invitation), culture=invitation.recipient.culture)

    def generation(self, invitation: Invitation | None, token: str) -> int | None:
        """The invitation's generation if ``token`` is its current token, else None."""
        if invitation is None or not hmac.compare_digest(self._token(invitation).encode(), token.encode()):
            return None
        return invitation.generation

    def _token(self, invitation: Invitation) -> str:
        message = f"{invitation.invitation_id}|{invitation.generation}"
        digest = hmac.digest(self._secret, message.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
