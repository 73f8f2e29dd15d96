"""Configuration of the OpenID Connect issuers with which companies sign in."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from kontor_contracts.values import Id, Line


class IssuerConfig(BaseModel):
    """One issuer and the one organization whose users it signs in.

    ``trusts_second_factor``: a second factor used at the issuer counts here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Id
    title: Line
    issuer: str
    client_id: str
    client_secret_file: Path | None = None
    organization_id: Id
    scope: str = "openid email"
    trusts_second_factor: bool = False


def read_issuers(file: Path | None) -> tuple[IssuerConfig, ...]:
    """Raises ValueError, OSError."""
    if file is None:
        return ()
    return TypeAdapter(tuple[IssuerConfig, ...]).validate_json(file.read_bytes())
