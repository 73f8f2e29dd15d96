"""Decisions on the reseller of record of a subscription."""

from datetime import datetime
from typing import Literal, assert_never

from kontor_contracts.resellers_of_record import (
    RecordEnd,
    RecordRefusal,
    ResellerOfRecordEnded,
    ResellerOfRecordMoved,
    ResellerOfRecordRefused,
    ResellerOfRecordSet,
)
from relationships.domain.record.commands import Command, FollowEnd, MoveRecord, RemoveReseller, SetReseller
from relationships.domain.record.evolve import Fact
from relationships.domain.record.judging import Reason
from relationships.domain.record.refusals import refused
from relationships.domain.record.state import Record, State

BECAUSE: dict[str, RecordEnd] = {
    "provider": "removed-by-provider",
    "reseller": "given-up-by-reseller",
    "program": "ended-by-program",
}
REFUSALS: dict[Reason, RecordRefusal] = {
    "customer-not-shared": "customer-not-shared",
    "not-a-reseller": "partner-not-reseller",
    "partner-id-unknown": "partner-id-unknown",
    "partnership-missing": "partnership-missing",
    "provider-not-active": "partner-not-active",
    "region-differs": "region-differs",
    "reseller-not-active": "reseller-not-active",
}


def decide(command: Command, state: State) -> list[Fact]:
    match command:
        case SetReseller():
            return _set(command, state.record)
        case RemoveReseller():
            return _remove(command, state.record)
        case FollowEnd():
            return _follow(command, state.record)
        case MoveRecord():
            return _move(command, state.record)
        case _:
            assert_never(command)


def refuse(command: Command, reason: Literal["id-reused", "too-late"]) -> ResellerOfRecordRefused:
    """Refuse a portal's command that comes with a used id, or too late."""
    assert not isinstance(command, FollowEnd | MoveRecord), "it comes from no portal"
    assert command.asked is not None, "only portals' commands have an id of their sender"
    answer = refused(reason, command.asked)
    assert isinstance(answer, ResellerOfRecordRefused), "a portal asked"
    return answer


def _set(command: SetReseller, record: Record | None) -> list[Fact]:
    if command.asked and not command.asked.entitled:
        return [refused("portal-not-entitled", command.asked)]
    provider, reseller = command.provider, command.reseller
    if command.verdict != "valid" or provider is None or reseller is None:
        reason = REFUSALS["partner-id-unknown" if command.verdict == "valid" else command.verdict]
        return [refused(reason, command.asked)]
    facts: list[Fact] = []
    if record and record.current:
        if record.current.reseller.partner_id == reseller.partner_id:
            return []
        portal = command.asked.portal if command.asked else None
        facts = [_ended(record, "replaced", command.at, by=command.by, portal=portal)]
    named = ResellerOfRecordSet(
        record_id=command.record_id,
        customer_id=record.customer_id if record else command.customer_id,
        subscription_id=command.subscription_id,
        provider=provider,
        reseller=reseller,
        set_by=command.by,
        portal=command.asked.portal if command.asked else None,
        set_at=command.at,
    )
    return [*facts, named]


def _remove(command: RemoveReseller, record: Record | None) -> list[Fact]:
    if command.asked and not command.asked.entitled:
        return [refused("portal-not-entitled", command.asked)]
    if record is None:
        return [refused("record-unknown", command.asked)]
    current = record.current
    if current is None or command.organization_id not in {None, current.reseller.organization_id}:
        # It has ended, for this reseller at least.
        return []
    portal = command.asked.portal if command.asked else None
    because = BECAUSE[command.side]
    return [_ended(record, because, command.at, by=command.by, portal=portal, comment=command.comment)]


def _follow(command: FollowEnd, record: Record | None) -> list[Fact]:
    if record is None or record.current is None:
        return []
    concerned = {record.provider.partner_id, record.current.reseller.partner_id}
    if not concerned.issuperset(command.partner_ids):
        return []
    if command.again and record.current.since > command.at:
        return []
    return [_ended(record, command.because, command.at)]


def _move(command: MoveRecord, record: Record | None) -> list[Fact]:
    if record is None or record.customer_id == command.customer_id:
        return []
    return [
        ResellerOfRecordMoved(
            record_id=record.record_id,
            former_customer_id=record.customer_id,
            customer_id=command.customer_id,
            subscription_id=record.subscription_id,
            provider=record.provider,
            reseller=(record.current or record.past[-1].naming).reseller,
            moved_at=command.at,
        )
    ]


def _ended(
    record: Record,
    because: RecordEnd,
    at: datetime,
    *,
    by: str | None = None,
    portal: str | None = None,
    comment: str | None = None,
) -> ResellerOfRecordEnded:
    assert record.current is not None, "only what is named ends"
    return ResellerOfRecordEnded(
        record_id=record.record_id,
        customer_id=record.customer_id,
        subscription_id=record.subscription_id,
        provider=record.provider,
        reseller=record.current.reseller,
        because=because,
        ended_by=by,
        portal=portal,
        comment=comment,
        since=record.current.since,
        ended_at=at,
    )
