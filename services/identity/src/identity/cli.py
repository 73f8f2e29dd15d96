"""Creates users of the program's own staff at the command line. There is no way over HTTP."""

import argparse
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chassis import Cause, Chassis, RefusedError, TakenError, UnavailableError, derived_id
from chassis.http.addresses import Address
from identity.credentials.password_hashing import Passwords, temporary_password
from identity.documents import ORGANIZATION, USER
from identity.domain.organization.commands import RegisterOrganization
from identity.domain.roles import CONSOLE_ROLE, PROGRAM_OPERATOR, STAFF_ROLES
from identity.domain.user.commands import AddUser, Command, IssueTemporaryPassword
from identity.domain.user.state import Granter
from identity.settings import Settings
from kontor_contracts.addresses import address_key
from kontor_contracts.identity import OrganizationProfile
from kontor_contracts.values import Country, Culture, Name

ORGANIZATION_ID = derived_id("organization", "operator")
"""The one organization of kind operator, the same in every installation."""

CONSOLE = Granter("console", global_admin=False, roles=(CONSOLE_ROLE,))
PUBLISH_SECONDS = 5.0


class NotCreatedError(Exception):
    """The operator was not created. The text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class NewOperator:
    email: str
    full_name: str
    culture: str
    country: str
    roles: tuple[str, ...] = (PROGRAM_OPERATOR.name,)


def parse(arguments: Sequence[str]) -> NewOperator:
    """Exits with a message where the arguments are wrong."""
    parser = argparse.ArgumentParser(prog="python -m identity create-operator")
    parser.add_argument("--email", required=True, type=_of(Address))
    parser.add_argument("--full-name", required=True, type=_of(Name))
    parser.add_argument("--culture", default="en", type=_of(Culture))
    parser.add_argument(
        "--country",
        default="DE",
        type=_of(Country),
        help="of the program's organization, when the first operator is created",
    )
    parser.add_argument(
        "--role",
        action="append",
        dest="roles",
        choices=STAFF_ROLES,
        help=f"several times for several; {PROGRAM_OPERATOR.name} unless given",
    )
    given = vars(parser.parse_args(arguments))
    return NewOperator(**given | {"roles": tuple(given["roles"] or (PROGRAM_OPERATOR.name,))})


def _of(shape: Any) -> Callable[[str], str]:
    def checked(text: str) -> str:
        try:
            value: str = TypeAdapter(shape).validate_python(text)
        except ValidationError as error:
            raise argparse.ArgumentTypeError(error.errors()[0]["msg"]) from error
        return value

    return checked


async def create_operator(chassis: Chassis, settings: Settings, passwords: Passwords, operator: NewOperator) -> str:
    """Create the operator if there is none with this address; return a temporary password.

    A repetition returns a new temporary password until the operator has chosen one. Raises NotCreatedError. While the
    broker is down, events wait in the documents and the service publishes them later.
    """
    cause = Cause(
        id=f"console:{secrets.token_hex(8)}",
        time=settings.now(),
        correlation_id=secrets.token_hex(16),
        actor=CONSOLE.user_id,
        tenant=ORGANIZATION_ID,
    )
    async with _writing(chassis):
        return await _create(chassis, passwords, operator, cause)


async def _create(chassis: Chassis, passwords: Passwords, operator: NewOperator, cause: Cause) -> str:
    id = USER.id(derived_id(ORGANIZATION_ID, address_key(operator.email)))
    temporary = temporary_password()
    password_hash = await passwords.hash(temporary)
    command: Command = IssueTemporaryPassword(password_hash=password_hash, at=cause.time)
    if await chassis.store.get(USER, id) is None:
        organization = await _organization(chassis, operator, id, cause)
        command = _add(operator, id, organization, password_hash, cause)
    try:
        outcome = await chassis.handler.handle(USER, id, command, cause)
    except RefusedError as error:
        raise NotCreatedError(f"{operator.email}: {error.refusal.detail}") from error  # type: ignore[attr-defined]
    except TakenError as error:
        raise NotCreatedError(
            f"{operator.email} belongs to a user of another organization; use another address"
        ) from error
    if outcome.status != "applied":
        raise NotCreatedError(
            f"{operator.email} was created by another process at the same time; run the command again"
        )
    return temporary


async def _organization(
    chassis: Chassis, operator: NewOperator, registered_by: str, cause: Cause
) -> OrganizationProfile:
    profile = OrganizationProfile(
        organization_id=ORGANIZATION_ID,
        name="Program operations",
        kind="operator",
        country=operator.country,
        culture=operator.culture,
    )
    register = RegisterOrganization(profile, registered_by.partition(":")[2], standing=None)
    outcome = await chassis.handler.handle(ORGANIZATION, ORGANIZATION.id(ORGANIZATION_ID), register, cause)
    return outcome.state.profile or profile


def _add(
    operator: NewOperator, id: str, organization: OrganizationProfile, password_hash: str, cause: Cause
) -> AddUser:
    return AddUser(
        user_id=id.partition(":")[2],
        organization=organization,
        full_name=operator.full_name,
        email=operator.email,
        culture=operator.culture,
        roles=operator.roles,
        password_hash=password_hash,
        by=CONSOLE,
        at=cause.time,
    )


@asynccontextmanager
async def _writing(chassis: Chassis) -> AsyncIterator[None]:
    """Run store and relay, without consumer and HTTP. Works while the broker is down."""
    with suppress(UnavailableError):
        await chassis.producer.ensure()
    await chassis.relay.start()
    try:
        yield
    finally:
        await chassis.relay.stop(PUBLISH_SECONDS)
        await chassis.producer.stop()
        chassis.store.close()
