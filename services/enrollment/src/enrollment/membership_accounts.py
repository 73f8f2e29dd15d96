"""Membership accounts and their profiles: the port, and its two adapters.

One adapter reads the registry that enrollment keeps itself. The other one asks an external registry over HTTP, as
`contracts/openapi/membership-registry.yaml` says.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import MongoStore, ProblemError, UnavailableError, ask
from enrollment.access_codes import AccessCodes
from enrollment.documents import PROFILE
from enrollment.domain.profile import NO_CODE, ProfileKind, ProfileStatus, ProgramState, RegistryEntry
from kontor_contracts.values import Country, Line, PartnerId

log = structlog.get_logger("enrollment.membership_accounts")

MAX_PROFILES = 500
LONGEST_ANSWER = 1024 * 1024
LONGEST_WAIT = 86_400
"""Seconds."""


class MembershipAccounts(Protocol):
    async def known(self, account: str) -> bool:
        """Whether there may be such an account."""

    async def profiles(self, account: str, code: str) -> Sequence[RegistryEntry] | None:
        """The account's profiles; None: the account is unknown or the code is wrong.

        Raises UnavailableError, and ProblemError 429 if the registry has seen too many wrong codes.
        """


class OwnRegistry:
    """The registry that operators keep in enrollment."""

    def __init__(self, store: MongoStore, codes: AccessCodes) -> None:
        self._store = store
        self._codes = codes

    async def known(self, account: str) -> bool:
        return bool(await self._entries(account, limit=1))

    async def profiles(self, account: str, code: str) -> Sequence[RegistryEntry] | None:
        return self._codes.opened(account, await self._entries(account, limit=MAX_PROFILES), code) or None

    async def _entries(self, account: str, *, limit: int) -> list[RegistryEntry]:
        found = await self._store.find(PROFILE, {"state.entry.membership_account": account}, limit=limit)
        return [profile.entry for _, profile in found if profile.entry]


class _Profile(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    partner_id: PartnerId
    company_name: Line
    country: Country
    status: ProfileStatus
    kind: ProfileKind
    program_state: ProgramState = "none"


class _Profiles(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    profiles: list[_Profile] = Field(max_length=MAX_PROFILES)


class ExternalRegistry:
    """A registry of the operator's, over HTTP."""

    def __init__(self, url: str, token: str | None, seconds: float) -> None:
        self._url = f"{url.rstrip('/')}/v1/sign-in"
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._seconds = seconds

    async def known(self, account: str) -> bool:
        """Each account counts its wrong codes: only the registry knows which accounts there are."""
        return bool(account)

    async def profiles(self, account: str, code: str) -> Sequence[RegistryEntry] | None:
        body = {"membership_account": account, "access_code": code}
        try:
            answer = await ask("POST", self._url, timeout=self._seconds, json=body, headers=self._headers)
        except UnavailableError as error:
            raise _unavailable(str(error)) from error
        match answer.status_code:
            case HTTPStatus.OK:
                return _entries(answer.content, account)
            case HTTPStatus.FORBIDDEN:
                return None
            case HTTPStatus.TOO_MANY_REQUESTS:
                raise _too_many(answer.headers.get("retry-after", ""))
            case status:
                raise _unavailable(f"status {status}")


def _entries(content: bytes, account: str) -> list[RegistryEntry]:
    if len(content) > LONGEST_ANSWER:
        raise _unavailable("its answer is too long")
    try:
        found = _Profiles.model_validate_json(content).profiles
    except ValidationError as error:
        raise _unavailable("its answer does not have the documented form") from error
    own: dict[str, Any] = {"membership_account": account, "access_code_hash": NO_CODE}
    return [RegistryEntry(**profile.model_dump(), **own) for profile in found]


def _too_many(retry_after: str) -> ProblemError:
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 60
    seconds = min(max(seconds, 1), LONGEST_WAIT)
    detail = "the membership registry has seen too many wrong access codes; wait and try again"
    return ProblemError(429, "too-many-attempts", detail, retry_after=seconds)


def _unavailable(fault: str) -> UnavailableError:
    log.warning("membership_registry_unavailable", fault=fault)
    return UnavailableError(f"the membership registry gave no answer: {fault}")
