"""The composition root of identity."""

from typing import Any

from fastapi import APIRouter, FastAPI

from chassis import Aggregate, Cause, Chassis, Fire, Handler
from chassis.limits import BUDGET
from identity.api.me import access, account
from identity.api.organization import audit, domains, organizations
from identity.api.organization import life as organization_life
from identity.api.people import files, invitations, users
from identity.api.people import life as user_life
from identity.api.security import password_resets, second_factor, sessions
from identity.api.sign_in import address_proofs, authorize, code_tokens, external, openid, tokens
from identity.configuration.sign_in_clients import SignInClients
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
from identity.pages.create_account import routes as create_account_page
from identity.pages.mailed import change_address, join, reset_password, verify_address
from identity.pages.portal import entering
from identity.pages.portal import routes as portal_pages
from identity.pages.sign_in import routes as sign_in_page
from identity.parts import Parts
from identity.people.closing import erasing
from identity.people.dns_proof import Resolver
from identity.people.purge import purging
from identity.settings import Settings
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
    parts = Parts(chassis, settings)
    chassis.migrations.append(parts.factors.wrap_stored)
    app = chassis.application(
        title="Kontor identity",
        routers=[
            *sign_in_routers(parts),
            *page_routers(parts),
            portal_pages.router(settings, chassis.authenticator),
            *security_routers(parts),
            *people_routers(parts),
            *organization_routers(parts),
        ],
        reactions=reactions(chassis.store),
        timers=timers(chassis.handler, parts),
        on_start=lambda stack: stack.callback(parts.passwords.close),
    )
    return chassis, app


def sign_in_routers(parts: Parts) -> list[APIRouter]:
    clients = SignInClients(parts.settings.sign_in_clients)
    return [
        tokens.router(parts.now, signer=parts.signer, sign_in=parts.sign_in, sign_ups=parts.sign_ups),
        address_proofs.router(parts.sign_ups),
        authorize.router(parts.journey, clients, parts.signer),
        code_tokens.router(parts.journey.authorizations, clients, parts.signer),
        openid.router(parts.store, parts.settings, journey=parts.journey, clients=clients, signer=parts.signer),
        external.router(
            parts.store,
            parts.handler,
            settings=parts.settings,
            issuers=parts.issuers,
            sign_in=parts.sign_in,
            factors=parts.factors,
            signer=parts.signer,
            journey=parts.journey,
        ),
    ]


def page_routers(parts: Parts) -> list[APIRouter]:
    return [
        sign_in_page.router(parts.journey, parts.steps),
        entering.router(parts.journey, parts.settings.public_url),
        create_account_page.router(parts.journey, parts.sign_ups),
        verify_address.router(parts.sign_ups, parts.journey, parts.now),
        reset_password.router(parts.resets, parts.journey),
        change_address.router(parts.address_changes),
        join.router(parts.store, parts.handler, parts.now, parts.passwords),
    ]


def security_routers(parts: Parts) -> list[APIRouter]:
    return [
        password_resets.router(parts.resets),
        sessions.router(parts.store, parts.handler, parts.now),
        second_factor.router(parts.store, parts.own_password, parts.factors),
    ]


def people_routers(parts: Parts) -> list[APIRouter]:
    store, handler, links, proofs, budgets = parts.store, parts.handler, parts.links, parts.proofs, parts.budgets
    return [
        account.router(store, handler, parts.passwords, parts.own_password, parts.address_changes),
        access.router(store, handler),
        # Before the users themselves: "export" is no user's id.
        files.router(store, handler, links=links, imports=parts.imports, budgets=budgets),
        invitations.router(store, handler, links=links, proofs=proofs, budgets=budgets),
        users.router(store, handler, passwords=parts.passwords, proofs=proofs, budgets=budgets),
        user_life.router(store, handler, parts.settings),
    ]


def organization_routers(parts: Parts) -> list[APIRouter]:
    return [
        organizations.router(parts.store, parts.handler),
        organization_life.router(parts.store, parts.handler, parts.settings),
        domains.router(parts.store, parts.handler, Resolver(parts.settings.dns_server)),
        audit.router(parts.store),
    ]


def timers(handler: Handler, parts: Parts) -> dict[str, Fire]:
    async def expire_session(id: str, cause: Cause) -> None:
        await handler.handle(SESSION, id, ExpireSession(cause.time), cause)

    async def expire_sign_up(id: str, cause: Cause) -> None:
        await handler.handle(SIGN_UP, id, ExpireSignUp(cause.time), cause)

    return {
        "session": expire_session,
        "organization": erasing(handler),
        "sign-up": expire_sign_up,
        "user": purging(handler),
        USER_IMPORT.kind: parts.imports.fire,
    }
