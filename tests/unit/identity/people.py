"""The people that the tests of identity are about, and how a user gets where a test wants him."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from identity.domain.user.commands import AddUser, ChangeRoles, Command, ProofLink, ProveAddress, SignUp
from identity.domain.user.decide import decide
from identity.domain.user.events import UserRefused
from identity.domain.user.evolve import evolve
from identity.domain.user.state import Granter, User
from kontor_contracts.identity import OrganizationProfile
from kontor_contracts.values import OrganizationKind

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ADMIN = Granter("admin", global_admin=True)
AGENT = Granter("agent", global_admin=False, roles=("admin-agent",))
PROOF = ProofLink(token_hash="hash-of-a-token", sealed_link="s" * 40, expires_at=NOW + timedelta(days=7))
PROVE = ProveAddress(token_hash=PROOF.token_hash, at=NOW)
MANAGER = Granter("manager", global_admin=False, roles=("user-management-admin",))


def profile(kind: OrganizationKind = "reseller") -> OrganizationProfile:
    return OrganizationProfile(organization_id="org", name="Müller & Söhne GmbH", kind=kind, country="DE", culture="de")


def sign_up(**changes: Any) -> SignUp:
    facts: dict[str, Any] = {
        "user_id": "admin",
        "organization": profile(),
        "full_name": "Jürgen Müller",
        "email": "juergen@mueller.example",
        "culture": "de",
        "password_hash": "hash-of-his-own",
        "at": NOW,
    }
    return SignUp(**facts | changes)


def add(**changes: Any) -> AddUser:
    facts: dict[str, Any] = {
        "user_id": "zoe",
        "organization": profile(),
        "full_name": "Zoë Brown",
        "email": "zoe@mueller.example",
        "culture": "en",
        "roles": ("helpdesk-agent",),
        "password_hash": "hash-of-a-temporary-one",
        "by": ADMIN,
        "at": NOW,
        "link": PROOF,
    }
    return AddUser(**facts | changes)


def change(*roles: str, by: Granter = ADMIN, seen: int = 0) -> ChangeRoles:
    return ChangeRoles(roles=roles, seen=seen, by=by)


def after(commands: Iterable[Command], state: User | None = None) -> User:
    """The user when these commands were carried out; a refused one leaves things as they are."""
    return reduce(lambda user, command: reduce(evolve, decide(command, user), user), commands, state or User())


def user(*roles: str, user_id: str = "zoe", kind: OrganizationKind = "reseller") -> User:
    """A user with exactly these roles and a proved address."""
    there = after([add(user_id=user_id, organization=profile(kind), roles=()), PROVE])
    return replace(there, roles=roles, role_changes=0)


def refusal(command: Command, state: User) -> UserRefused:
    """The one refusal that the command meets."""
    (refused,) = decide(command, state)
    assert isinstance(refused, UserRefused), refused
    return refused
