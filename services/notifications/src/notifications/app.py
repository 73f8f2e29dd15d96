"""The composition root."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from chassis import Chassis
from chassis.crypto import Sealer
from notifications.api import mails, orders, preferences, suppressions
from notifications.catalogue import Catalogue
from notifications.census import MAILS
from notifications.delivery import Delivery
from notifications.documents import MAIL, PREFERENCES, RETRIAL, SUPPRESSION
from notifications.domains import Domains
from notifications.metrics import MailMetrics
from notifications.pages import mail_preferences
from notifications.readers import Readers
from notifications.relays import relays
from notifications.settings import Settings
from notifications.signing import signer
from notifications.smtp import MailServers
from notifications.subscribers import reactions
from notifications.suppression import Suppressions
from notifications.templates import Templates


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    """Reads the sealing key and compiles the templates; connects to nothing."""
    chassis = Chassis(settings, aggregates=(MAIL, SUPPRESSION, RETRIAL, PREFERENCES))
    metrics = MailMetrics(chassis.metrics.registry)
    chassis.count(MAIL, MAILS)
    servers = MailServers(
        relays(settings, metrics), connections=settings.smtp_connections, timeout=settings.smtp_timeout
    )
    sealer = Sealer(settings.sealing_key_file)
    readers = Readers(chassis.store, sealer, settings.public_url)
    delivery = Delivery(
        settings,
        store=chassis.store,
        handler=chassis.handler,
        servers=servers,
        domains=Domains(settings.connections_per_domain, settings.smtp_domain_rate),
        suppressions=Suppressions(chassis.store, chassis.handler, settings.now),
        templates=Templates(settings.letterhead),
        catalogue=Catalogue(),
        readers=readers,
        sign=signer(settings.mail_dkim_key_file, settings.mail_dkim_selector, settings.sender_domain),
        sealer=sealer,
        metrics=metrics,
    )

    def on_start(stack: AsyncExitStack) -> None:
        stack.push_async_callback(servers.close)

    app = chassis.application(
        title="Kontor notifications",
        routers=[
            mails.router(chassis.store),
            orders.router(chassis.store, chassis.handler),
            suppressions.router(chassis.store, chassis.handler, settings),
            preferences.router(readers, chassis.handler),
            mail_preferences.router(chassis.store, chassis.handler, readers),
        ],
        reactions=reactions(chassis.store, settings.now),
        timers={MAIL.kind: delivery.deliver},
        on_start=on_start,
    )
    return chassis, app
