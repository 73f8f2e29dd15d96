"""The composition root of identity."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from chassis.app import Chassis
from chassis.sealing import Sealer
from identity import (
    api_access,
    api_audit,
    api_domains,
    api_me,
    api_organizations,
    api_sign_in,
    api_user_files,
    api_user_invitations,
    api_user_life,
    api_users,
)
from identity.aggregates import AUDIT, DOMAIN, ORGANIZATION, SESSION, USER
from identity.dns_proof import Resolver
from identity.invitations import Links
from identity.passwords import Passwords
from identity.purge import purging
from identity.settings import Settings
from identity.sign_in import SignIn
from identity.subscribers import reactions
from identity.tokens import Signer


def connect(settings: Settings) -> Chassis:
    return Chassis(settings, aggregates=[USER, ORGANIZATION, SESSION, DOMAIN, AUDIT])


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = connect(settings)
    passwords = Passwords(threads=settings.password_threads, queue=settings.password_queue)
    signer = Signer(
        settings.signing_key_file,
        issuer=settings.issuer,
        audience=settings.audience,
        lifetime=settings.access_token_lifetime,
    )
    links = Links(
        Sealer(settings.sealing_key_file), public_url=settings.public_url, lifetime=settings.invitation_lifetime
    )
    sign_in = SignIn(chassis, settings, passwords, signer)

    def on_start(stack: AsyncExitStack) -> None:
        stack.callback(passwords.close)

    app = chassis.application(
        title="Kontor identity",
        routers=[
            api_sign_in.router(chassis, passwords, signer, sign_in),
            api_me.router(chassis, passwords),
            api_access.router(chassis),
            # Before the users themselves: "export" is no user's id.
            api_user_files.router(chassis, links),
            api_user_invitations.router(chassis, links),
            api_users.router(chassis, passwords),
            api_user_life.router(chassis, settings),
            api_user_invitations.pages(chassis, passwords),
            api_organizations.router(chassis),
            api_domains.router(chassis, Resolver(settings.dns_server)),
            api_audit.router(chassis),
        ],
        reactions=reactions(chassis),
        timers={"user": purging(chassis, settings)},
        on_start=on_start,
    )
    return chassis, app
