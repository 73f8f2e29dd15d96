"""OAuth and OpenID Connect clients: pages and tools that send people here to sign in, with their registered addresses."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kontor_contracts.values import Id

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _return_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("a return address is an absolute https URL")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("a return address uses https; http is allowed for localhost only")
    if parts.fragment or parts.username:
        raise ValueError("a return address has neither a fragment nor a user name")
    return address


ReturnAddress = Annotated[str, AfterValidator(_return_address)]


class SignInClient(BaseModel):
    """Addresses are compared as strings, as RFC 9700 asks.

    ``post_logout_redirect_uris``: where a sign-out may lead to. ``secret_hash``: SHA-256 of the client's secret, in hex, where
    it can keep one. The secret is random and has 32 characters or more, so a fast hash is enough.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Id
    redirect_uris: Annotated[tuple[ReturnAddress, ...], Field(min_length=1)]
    post_logout_redirect_uris: tuple[ReturnAddress, ...] = ()
    secret_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class SignInClients:
    def __init__(self, clients: Sequence[SignInClient]) -> None:
        self._known = {client.client_id: client for client in clients}

    def knows(self, client_id: str, redirect_uri: str) -> bool:
        """Whether the address is registered for this client."""
        client = self._known.get(client_id)
        return client is not None and redirect_uri in client.redirect_uris

    def may_sign_out_to(self, client_id: str, address: str) -> bool:
        """Whether a sign-out that this client asks for may lead to the address."""
        client = self._known.get(client_id)
        return client is not None and address in client.post_logout_redirect_uris

    def authenticates(self, client_id: str, secret: str) -> bool:
        """Whether this is the client's secret. A client without one sends none; PKCE alone binds its codes."""
        client = self._known.get(client_id)
        if client is None or client.secret_hash is None:
            return client is not None and not secret
        return secrets.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), client.secret_hash)


def origin(address: str) -> str:
    """Scheme, host and port, as a Content-Security-Policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
