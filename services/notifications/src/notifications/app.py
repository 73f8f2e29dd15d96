"""The composition root."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from chassis import Chassis
from chassis.crypto import Sealer
from notifications.api import mails as api
from notifications.breaker import Breaker
from notifications.delivery import Delivery
from notifications.documents import MAIL
from notifications.metrics import MailMetrics
from notifications.settings import Settings
from notifications.smtp import MailServer
from notifications.subscribers import reactions
from notifications.templates import Templates


def build(settings: Settings) -> tuple[Chassis, FastAPI]:
    """Reads the sealing key and compiles the templates; connects to nothing."""
    chassis = Chassis(settings, aggregates=(MAIL,))
    metrics = MailMetrics(chassis.metrics.registry)
    server = MailServer(settings, Breaker(metrics.server_away))
    delivery = Delivery(
        settings,
        store=chassis.store,
        handler=chassis.handler,
        server=server,
        templates=Templates(),
        sealer=Sealer(settings.sealing_key_file),
        metrics=metrics,
    )

    def on_start(stack: AsyncExitStack) -> None:
        stack.push_async_callback(server.close)

    app = chassis.application(
        title="Kontor notifications",
        routers=[api.router(chassis.store)],
        reactions=reactions(chassis.store, settings.now),
        timers={MAIL.kind: delivery.deliver},
        on_start=on_start,
    )
    return chassis, app
