"""The composition root of identity."""

from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI

from chassis import BUDGET, Aggregate, BulkImports, Cause, Chassis, KeyedHash, MailBudgets, Sealer
from identity.api import (
    address_proofs,
    audit,
    authorize,
    domains,
    external,
    me,
    organization_life,
    organizations,
    resets,
    roles_and_access,
    second_factor,
    sessions,
    sign_in,
    user_files,
    user_invitations,
    user_life,
    users,
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
from identity.pages.create_account import routes as create_account_page
from identity.pages.mailed import change_address, join, reset_password, verify_address
from identity.pages.sign_in import routes as sign_in_page
from identity.pages.sign_in.journey import SignInJourney
from identity.pages.sign_in.steps import SignInSteps
from identity.people.address_changes import AddressChanges
from identity.people.csv_import import inviting_rows
from identity.people.dns_proof import Resolver
from identity.people.invitations import Links
from identity.people.purge import purging
from identity.settings import Settings
from identity.sign_in.lockouts import AccountLockouts
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
    store, handler, now = chassis.store, chassis.handler, settings.now
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
    factors, lockouts = SecondFactors(store, handler, settings, hashes), AccountLockouts(store, handler, hashes)
    chassis.migrations.append(factors.wrap_stored)
    signing_in = SignIn(
        store, handler, settings, passwords=passwords, signer=signer, factors=factors, lockouts=lockouts
    )
    own_password = OwnPassword(passwords, lockouts)
    issuers = [
        ExternalIssuer(config, f"{settings.public_url.rstrip('/')}{external.PATH}/{config.name}/callback", settings.now)
        for config in read_issuers(settings.external_issuers_file)
    ]
    directories = [(issuer.config.name, issuer.config.title) for issuer in issuers]
    journey = SignInJourney(store, handler, settings, sign_in=signing_in, factors=factors, directories=directories)
    budgets = MailBudgets(handler, settings)
    address_changes = AddressChanges(store, handler, settings, budgets)
    by_mail = Resets(store, handler, settings, passwords=passwords, lockouts=lockouts, budgets=budgets)
    steps = SignInSteps(
        store, handler, journey, sign_in=signing_in, passwords=passwords, factors=factors, resets=by_mail
    )

    proofs = ProofLinks(settings)
    sign_ups = SignUps(store, handler, settings, passwords=passwords, lockouts=lockouts, budgets=budgets)
    imports = BulkImports(chassis, USER_IMPORT, inviting_rows(store, handler, links, budgets))

    async def expire_session(id: str, cause: Cause) -> None:
        await handler.handle(SESSION, id, ExpireSession(cause.time), cause)

    async def expire_sign_up(id: str, cause: Cause) -> None:
        await handler.handle(SIGN_UP, id, ExpireSignUp(cause.time), cause)

    def on_start(stack: AsyncExitStack) -> None:
        stack.callback(passwords.close)

    app = chassis.application(
        title="Kontor identity",
        routers=[
            sign_in.router(now, signer=signer, sign_in=signing_in, sign_ups=sign_ups),
            address_proofs.router(sign_ups),
            verify_address.router(sign_ups, journey, now),
            authorize.router(journey, SignInClients(settings.sign_in_clients), signer),
            sign_in_page.router(journey, steps),
            create_account_page.router(journey, sign_ups),
            resets.router(by_mail),
            reset_password.router(by_mail, journey),
            sessions.router(store, handler, now),
            second_factor.router(store, own_password, factors),
            external.router(
                store,
                handler,
                settings=settings,
                issuers=issuers,
                sign_in=signing_in,
                factors=factors,
                signer=signer,
                journey=journey,
            ),
            me.router(store, handler, passwords, own_password, address_changes),
            change_address.router(address_changes),
            roles_and_access.router(store, handler),
            # Before the users themselves: "export" is no user's id.
            user_files.router(store, handler, links=links, imports=imports, budgets=budgets),
            user_invitations.router(store, handler, links=links, proofs=proofs, budgets=budgets),
            users.router(store, handler, passwords=passwords, proofs=proofs, budgets=budgets),
            user_life.router(store, handler, settings),
            join.router(store, handler, now, passwords),
            organizations.router(store, handler),
            organization_life.router(store, handler, settings),
            domains.router(store, handler, Resolver(settings.dns_server)),
            audit.router(store),
        ],
        reactions=reactions(store),
        timers={
            "session": expire_session,
            "organization": erasing(handler),
            "sign-up": expire_sign_up,
            "user": purging(handler),
            USER_IMPORT.kind: imports.fire,
        },
        on_start=on_start,
    )
    return chassis, app
