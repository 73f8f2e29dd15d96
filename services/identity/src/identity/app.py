"""The composition root of identity."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from chassis.app import Chassis
from chassis.decider import Cause, derived_id
from chassis.sealing import Sealer
from identity import (
    api_access,
    api_audit,
    api_authorize,
    api_domains,
    api_external,
    api_me,
    api_organizations,
    api_resets,
    api_second_factor,
    api_sessions,
    api_sign_in,
    api_sign_in_page,
    api_user_files,
    api_user_invitations,
    api_user_life,
    api_users,
)
from identity.aggregates import AUDIT, AUTHORIZATION, DOMAIN, DOOR, FACTOR, LINK, ORGANIZATION, SESSION, USER
from identity.dns_proof import Resolver
from identity.domain_session import ExpireSession
from identity.external_issuer import ExternalIssuer, read_issuers
from identity.invitations import Links
from identity.key_ring import KeyRing
from identity.passwords import Passwords
from identity.purge import purging
from identity.resets import Resets
from identity.second_factors import SecondFactors
from identity.settings import Settings
from identity.sign_in import SignIn
from identity.sign_in_clients import SignInClients
from identity.sign_in_journey import SignInJourney
from identity.sign_in_steps import SignInSteps
from identity.subscribers import reactions
from identity.tokens import Signer


def connect(settings: Settings) -> Chassis:
    return Chassis(settings, aggregates=[USER, ORGANIZATION, SESSION, AUTHORIZATION, DOOR, FACTOR, LINK, DOMAIN, AUDIT])


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
    factors = SecondFactors(chassis, settings)
    sign_in = SignIn(chassis, settings, passwords, signer, factors)
    issuers = [
        ExternalIssuer(
            config, f"{settings.public_url.rstrip('/')}{api_external.PATH}/{config.name}/callback", settings.now
        )
        for config in read_issuers(settings.external_issuers_file)
    ]
    directories = [(issuer.config.name, issuer.config.title) for issuer in issuers]
    journey = SignInJourney(chassis, settings, sign_in=sign_in, factors=factors, directories=directories)
    resets = Resets(chassis, settings, passwords)
    steps = SignInSteps(chassis, journey, sign_in=sign_in, passwords=passwords, factors=factors, resets=resets)

    async def expire_session(id: str) -> None:
        cause = Cause(
            id=f"timer:{id}",
            time=settings.now(),
            correlation_id=derived_id("timer", id),
            actor="service:identity",
        )
        await chassis.handler.handle(SESSION, id, ExpireSession(cause.time), cause)

    def on_start(stack: AsyncExitStack) -> None:
        stack.callback(passwords.close)

    app = chassis.application(
        title="Kontor identity",
        routers=[
            api_sign_in.router(chassis, passwords, signer, sign_in),
            api_authorize.router(journey, SignInClients(settings.sign_in_clients), signer),
            api_sign_in_page.router(journey, steps),
            api_resets.router(resets),
            api_sessions.router(chassis),
            api_second_factor.router(chassis, passwords, factors),
            api_external.router(
                chassis,
                settings=settings,
                issuers=issuers,
                sign_in=sign_in,
                factors=factors,
                signer=signer,
                journey=journey,
            ),
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
        timers={"session": expire_session, "user": purging(chassis, settings)},
        on_start=on_start,
    )
    return chassis, app
