"""Turns traces on where the settings ask for them."""

import asyncio
from contextlib import AsyncExitStack

from prometheus_client import Counter

from chassis import tracing
from chassis.configuration.loading import SettingError
from chassis.configuration.settings import Settings

STOP_SECONDS = 4.0


def start_tracing(stack: AsyncExitStack, settings: Settings, spans: Counter) -> None:
    """Until the stack ends. ``spans`` counts them by outcome. Raises SettingError where the packages are missing."""
    if settings.traces_url is None:
        return
    try:
        from chassis.tracing.exporting import Exporting  # noqa: PLC0415  it loads OpenTelemetry
    except ModuleNotFoundError as error:
        raise SettingError(
            f"KONTOR_TRACES_URL needs the package {error.name}: install the extra, kontor-{settings.SERVICE}[tracing]."
        ) from None
    exporting = Exporting(settings, lambda outcome, count: spans.labels(outcome).inc(count))
    tracing.use(exporting.spans)

    async def stop() -> None:
        # A collector that is away holds up no end: the process leaves its thread behind.
        await asyncio.wait({asyncio.create_task(asyncio.to_thread(exporting.stop))}, timeout=STOP_SECONDS)

    stack.push_async_callback(stop)
