"""Mails to the providers of a reseller: until when it has to confirm its data, and when it has."""

from datetime import UTC, datetime, timedelta
from typing import Any

from service.relationships.stage import Company, Stage
from support import eventually

from kontor_contracts.enrollment import PartnerReauthorized, ReauthorizationMoved, ReauthorizationNoticed
from kontor_contracts.relationships import ResellerReauthorizationDue, ResellerReauthorized

pytest_plugins = ("service.relationships.fixtures",)

DUE = datetime(2027, 11, 5, tzinfo=UTC)
MOVED = DUE + timedelta(days=30)


async def test_the_providers_of_a_reseller_follow_its_reauthorization(
    stage: Stage, provider: Company, reseller: Company
) -> None:
    await stage.connected(provider, reseller)
    about: dict[str, Any] = {"enrollment_id": "e1", "partner": reseller.partner}
    confirmed = {"confirmed": ["contacts"], "confirmed_by": "u1", "next_due_at": MOVED + timedelta(days=365)}
    subject = f"enrollment:{reseller.organization_id}"
    for sequence, event in enumerate(
        (
            ReauthorizationNoticed(**about, due_at=DUE, reminder=0),
            ReauthorizationNoticed(**about, due_at=DUE, reminder=1),
            ReauthorizationMoved(**about, due_at=MOVED, moved_by="u9"),
            PartnerReauthorized.model_validate(about | confirmed),
        ),
        start=1,
    ):
        await stage.announce("enrollment", subject, event, sequence=sequence)
    pair = f"{provider.organization_id}.{reseller.organization_id}"

    async def told() -> list[Any]:
        events = await stage.kafka.envelopes(stage.running.topic("relationships.events"))
        mine = [e.data for e in events if isinstance(e.data, ResellerReauthorizationDue | ResellerReauthorized)]
        mine = [data for data in mine if data.partnership_id == pair]
        return mine if mine and isinstance(mine[-1], ResellerReauthorized) else []

    *dates, last = await eventually(told)
    assert [event.due_at for event in dates] == [DUE, MOVED]
    assert (last.provider.organization_id, last.reseller) == (provider.organization_id, reseller.partner)
