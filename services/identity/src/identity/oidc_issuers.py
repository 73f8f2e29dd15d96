"""The OpenID Connect issuers that companies sign in with, as configured."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from kontor_contracts.values import Id, Line


class IssuerConfig(BaseModel):
    """One issuer and the one organization whose people it knows.

    ``trusts_second_factor``: a second factor shown there counts here.
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
