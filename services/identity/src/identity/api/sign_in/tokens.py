"""HTTP without an access token: sign-up, tokens, and the public keys of tokens."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Response, status
from pydantic import BaseModel, StringConstraints

from chassis import Form, Once, Unkeyed, new_router
from chassis.limits import SPENT
from identity.credentials.password_hashing import BUSY, Password
from identity.credentials.tokens import Signer
from identity.sign_in.service import Attempt, SignedIn, SignIn
from identity.sign_in.sign_up.form import SignUpRequest, applicant_of
from identity.sign_in.sign_up.sign_ups import SignUps
from kontor_contracts.addresses import address_key

KEYS_FOR_SECONDS = 300


class SignUpAnswer(BaseModel):
    """The ids of user and organization. They exist when the address is proved."""

    user_id: str
    organization_id: str


Opaque = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]


class PasswordGrant(Form):
    """``code``: of the second factor, if the user has one. ``device_token``: from the last answer on this device."""

    grant_type: Literal["password"]
    email: Annotated[str, StringConstraints(min_length=1, max_length=320)]
    password: Password
    code: Code | None = None
    device_token: Opaque | None = None


class RefreshGrant(Form):
    grant_type: Literal["refresh_token"]
    refresh_token: Opaque


class StepUpGrant(Form):
    """Continue the session as one with a second factor."""

    grant_type: Literal["step_up"]
    refresh_token: Opaque
    code: Code


class TokenAnswer(BaseModel):
    """``expires_in`` in seconds. ``must_change_password``: the token is valid for PUT /v1/me/password only.

    ``device_token``: send it with the next sign-in. Then wrong passwords from other devices do not lock out this one.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  a word of OAuth
    expires_in: int
    refresh_token: str | None
    must_change_password: bool
    device_token: str | None = None


Grant = Annotated[PasswordGrant | RefreshGrant | StepUpGrant, Body(discriminator="grant_type")]
Client = Annotated[str, Header(alias="user-agent", include_in_schema=False)]
CLIENT_LENGTH = 120


def router(now: Callable[[], datetime], *, signer: Signer, sign_in: SignIn, sign_ups: SignUps) -> APIRouter:
    routes = new_router(tags=["sign-in"])

    @routes.post(
        "/v1/sign-up", status_code=status.HTTP_202_ACCEPTED, response_model=SignUpAnswer, responses={**BUSY, **SPENT}
    )
    async def sign_up(body: SignUpRequest, once: Once) -> Any:
        """Sign up a new organization and its first user, a global admin. A mail with a link proves the address.

        Organization and user are created when the password is entered at the link (its page, or `POST /v1/address-proofs`).
        A newer sign-up with the address replaces this one. The answer does not reveal whether the address has a user
        already; the mail says so. 409 if another organization has proved the e-mail domain.
        """
        key = address_key(body.email)
        return await sign_ups.apply(applicant_of(body, once.scope(None, key)), body.password, once.cause(None, key))

    @routes.post("/v1/token", responses={**BUSY, 401: {"description": "Authentication failed."}})
    async def issue_token(body: Grant, attempt: Unkeyed, response: Response, client: Client = "") -> TokenAnswer:
        """An access token for a password or a refresh token.

        401 `invalid-credentials` if authentication fails, `second-factor-required` if a code is missing or wrong.
        """
        cause = attempt.cause(None)
        match body:
            case PasswordGrant():
                shown = Attempt(
                    email=body.email,
                    password=body.password,
                    code=body.code,
                    device_token=body.device_token,
                    client=printable(client),
                )
                signed_in = await sign_in.with_password(shown, cause)
            case RefreshGrant():
                signed_in = await sign_in.with_refresh_token(body.refresh_token, cause)
            case StepUpGrant():
                signed_in = await sign_in.with_refresh_token(body.refresh_token, cause, body.code)
        response.headers["cache-control"] = "no-store"
        return answer_of(signed_in, signer)

    @routes.get("/.well-known/jwks.json")
    async def show_keys(response: Response) -> dict[str, Any]:
        """The public keys, as a JWK set."""
        response.headers["cache-control"] = f"public, max-age={KEYS_FOR_SECONDS}"
        return signer.key_set(now())

    return routes


def answer_of(signed_in: SignedIn, signer: Signer) -> TokenAnswer:
    return TokenAnswer(
        access_token=signed_in.access_token,
        expires_in=signer.lifetime,
        refresh_token=signed_in.refresh_token,
        must_change_password=signed_in.refresh_token is None,
        device_token=signed_in.device_token,
    )


def printable(client: str) -> str:
    return "".join(character for character in client if character.isprintable())[:CLIENT_LENGTH]
