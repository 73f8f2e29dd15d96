"""The composition root of identity."""

from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI

from chassis import BUDGET, Aggregate, BulkImports, Cause, Chassis, KeyedHash, MailBudgets, Sealer
from identity.api import (
    address_proofs,
    authorize,
    organization_life,
    roles_and_access,
    second_factor,
    user_files,
    user_invitations,
    user_life,
)
from identity.api import (
    audit as api_audit,
)
from identity.api import (
    domains as api_domains,
)
from identity.api import (
    external as api_external,
)
from identity.api import (
    me as api_me,
)
from identity.api import (
    organizations as api_organizations,
)
from identity.api import (
    resets as api_resets,
)
from identity.api import (
    sessions as api_sessions,
)
from identity.api import (
    sign_in as api_sign_in,
)
from identity.api import (
    users as api_users,
)
from identity.closing import erasing
from identity.credentials.password_hashing import Passwords
from identity.credentials.signing_keys import KeyRing
from identity.credentials.tokens import Signer
from identity.documents import (
    AUDIT,
    AUTHORIZATION,
    DOMAIN,
    DOOR,
    FACTOR,
    LINK,
    ORGANIZATION,
    SESSION,
    SIGN_UP,
    USER,
    USER_IMPORT,
)
from identity.domain.session import ExpireSession
from identity.domain.sign_up import ExpireSignUp
from identity.oidc_issuers import read_issuers
from identity.pages import change_address, create_account_page, sign_in_page
from identity.pages.sign_in_journey import SignInJourney
from identity.pages.sign_in_steps import SignInSteps
from identity.people.address_changes import AddressChanges
from identity.people.csv_import import inviting_rows
from identity.people.dns_proof import Resolver
from identity.people.invitations import Links
from identity.people.purge import purging
from identity.settings import Settings
from identity.sign_in.lockouts import Doors
from identity.sign_in.oidc_client import ExternalIssuer
from identity.sign_in.own_password import OwnPassword
from identity.sign_in.password_resets import Resets
from identity.sign_in.second_factors import SecondFactors
from identity.sign_in.service import SignIn
from identity.sign_in.sign_ups import ProofLinks, SignUps
from identity.sign_in_clients import SignInClients
from identity.subscribers import reactions


def connect(settings: Settings) -> Chassis:
    kinds: list[Aggregate[Any, Any]] = [
        USER,
        ORGANIZATION,
        SESSION,
        AUTHORIZATION,
        DOOR,
        FACTOR,
        LINK,
        DOMAIN,
        AUDIT,
        USER_IMPORT,
        SIGN_UP,
        BUDGET,
    ]
    return Chassis(settings, aggregates=kinds)


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = connect(settings)
    passwords = Passwords(
        threads=settings.password_threads, queue=settings.password_queue, memory=settings.password_memory
    )
    signer = Signer(
        KeyRing(settings.signing_key_file),
        issuer=settings.issuer,
        audience=settings.audience,
        lifetime=settings.access_token_lifetime,
    )
    links = Links(
        Sealer(settings.sealing_key_file), public_url=settings.public_url, lifetime=settings.invitation_lifetime
    )
    hashes = KeyedHash(settings.hash_secret_file)
    factors, doors = SecondFactors(chassis, settings, hashes), Doors(chassis, hashes)
    chassis.migrations.append(factors.wrap_stored)
    sign_in = SignIn(chassis, settings, passwords=passwords, signer=signer, factors=factors, doors=doors)
    own_password = OwnPassword(passwords, doors)
    issuers = [
        ExternalIssuer(
            config, f"{settings.public_url.rstrip('/')}{api_external.PATH}/{config.name}/callback", settings.now
        )
        for config in read_issuers(settings.external_issuers_file)
    ]
    directories = [(issuer.config.name, issuer.config.title) for issuer in issuers]
    journey = SignInJourney(chassis, settings, sign_in=sign_in, factors=factors, directories=directories)
    budgets = MailBudgets(chassis.handler, settings)
    address_changes = AddressChanges(chassis, settings, budgets)
    resets = Resets(chassis, settings, passwords, doors, budgets)
    steps = SignInSteps(chassis, journey, sign_in=sign_in, passwords=passwords, factors=factors, resets=resets)

    sign_ups = SignUps(chassis, settings, passwords, doors, budgets)
    imports = BulkImports(chassis, USER_IMPORT, inviting_rows(chassis, links, budgets))

    async def expire_session(id: str, cause: Cause) -> None:
        await chassis.handler.handle(SESSION, id, ExpireSession(cause.time), cause)

    async def expire_sign_up(id: str, cause: Cause) -> None:
        await chassis.handler.handle(SIGN_UP, id, ExpireSignUp(cause.time), cause)

    def on_start(stack: AsyncExitStack) -> None:
        stack.callback(passwords.close)

    app = chassis.application(
        title="Kontor identity",
        routers=[
            api_sign_in.router(chassis, signer, sign_in, sign_ups),
            address_proofs.router(chassis, sign_ups, journey),
            authorize.router(journey, SignInClients(settings.sign_in_clients), signer),
            sign_in_page.router(journey, steps),
            create_account_page.router(journey, sign_ups),
            api_resets.router(resets, journey),
            api_sessions.router(chassis),
            second_factor.router(chassis, own_password, factors),
            api_external.router(
                chassis,
                settings=settings,
                issuers=issuers,
                sign_in=sign_in,
                factors=factors,
                signer=signer,
                journey=journey,
            ),
            api_me.router(chassis, passwords, own_password, address_changes),
            change_address.router(address_changes),
            roles_and_access.router(chassis),
            # Before the users themselves: "export" is no user's id.
            user_files.router(chassis, links, imports, budgets),
            user_invitations.router(chassis, links, ProofLinks(settings), budgets),
            api_users.router(chassis, passwords, ProofLinks(settings), budgets),
            user_life.router(chassis, settings),
            user_invitations.pages(chassis, passwords),
            api_organizations.router(chassis),
            organization_life.router(chassis, settings),
            api_domains.router(chassis, Resolver(settings.dns_server)),
            api_audit.router(chassis),
        ],
        reactions=reactions(chassis),
        timers={
            "session": expire_session,
            "organization": erasing(chassis),
            "sign-up": expire_sign_up,
            "user": purging(chassis),
            USER_IMPORT.kind: imports.fire,
        },
        on_start=on_start,
    )
    return chassis, app
