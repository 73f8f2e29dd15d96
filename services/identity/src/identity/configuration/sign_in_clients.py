"""OAuth clients: services whose pages send people here to sign in, with their registered return addresses."""

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


class SignInClient(BaseModel):
    """``redirect_uris`` are compared as strings, as RFC 9700 asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: Id
    redirect_uris: Annotated[tuple[Annotated[str, AfterValidator(_return_address)], ...], Field(min_length=1)]


class SignInClients:
    def __init__(self, clients: Sequence[SignInClient]) -> None:
        self._known = {client.client_id: client for client in clients}

    def knows(self, client_id: str, redirect_uri: str) -> bool:
        """Whether the address is registered for this client."""
        client = self._known.get(client_id)
        return client is not None and redirect_uri in client.redirect_uris


def origin(address: str) -> str:
    """Scheme, host and port, as a Content-Security-Policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
