"""How facts change the reseller of record of a subscription."""

from dataclasses import replace
from typing import assert_never

from kontor_contracts.resellers_of_record import (
    ResellerOfRecordEnded,
    ResellerOfRecordMoved,
    ResellerOfRecordRefused,
    ResellerOfRecordSet,
)
from relationships.domain.record.refusals import RecordRefused
from relationships.domain.record.state import MOST_PAST, Naming, PastNaming, Record, State

Fact = ResellerOfRecordSet | ResellerOfRecordEnded | ResellerOfRecordMoved | ResellerOfRecordRefused | RecordRefused


def evolve(state: State, fact: Fact) -> State:
    match fact:
        case ResellerOfRecordSet():
            naming = Naming(reseller=fact.reseller, since=fact.set_at, set_by=fact.set_by, portal=fact.portal)
            past = state.record.past if state.record else ()
            return State(
                Record(
                    record_id=fact.record_id,
                    customer_id=fact.customer_id,
                    subscription_id=fact.subscription_id,
                    provider=fact.provider,
                    current=naming,
                    past=past,
                    home=state.record.home if state.record else None,
                )
            )
        case ResellerOfRecordEnded():
            return State(_ended(state.record, fact)) if state.record else state
        case ResellerOfRecordMoved():
            return State(_moved(state.record, fact)) if state.record else state
        case ResellerOfRecordRefused() | RecordRefused():
            return state
        case _:
            assert_never(fact)


def _ended(record: Record, fact: ResellerOfRecordEnded) -> Record:
    if record.current is None:
        return record
    past = PastNaming(naming=record.current, until=fact.ended_at, because=fact.because, comment=fact.comment)
    return replace(record, current=None, past=(*record.past, past)[-MOST_PAST:])


def _moved(record: Record, fact: ResellerOfRecordMoved) -> Record:
    home = record.home or record.customer_id
    return replace(record, customer_id=fact.customer_id, home=None if home == fact.customer_id else home)
