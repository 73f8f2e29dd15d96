"""The composition root of identity."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from chassis.app import Chassis
from identity import api_me, api_organizations, api_sign_in, api_users
from identity.aggregates import ORGANIZATION, SESSION, USER
from identity.passwords import Passwords
from identity.settings import Settings
from identity.sign_in import SignIn
from identity.subscribers import reactions
from identity.tokens import Signer


def connect(settings: Settings) -> Chassis:
    return Chassis(settings, aggregates=[USER, ORGANIZATION, SESSION])


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    chassis = connect(settings)
    passwords = Passwords(threads=settings.password_threads, queue=settings.password_queue)
    signer = Signer(
        settings.signing_key_file,
        issuer=settings.issuer,
        audience=settings.audience,
        lifetime=settings.access_token_lifetime,
    )
    sign_in = SignIn(chassis, settings, passwords, signer)

    def on_start(stack: AsyncExitStack) -> None:
        stack.callback(passwords.close)

    app = chassis.application(
        title="Kontor identity",
        routers=[
            api_sign_in.router(chassis, passwords, signer, sign_in),
            api_me.router(chassis, passwords),
            api_users.router(chassis, passwords),
            api_organizations.router(chassis),
        ],
        reactions=reactions(chassis),
        on_start=on_start,
    )
    return chassis, app
