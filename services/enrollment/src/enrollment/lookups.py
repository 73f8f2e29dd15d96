"""Which enrollments a caller may see and change. What belongs to another organization does not exist for the caller."""

from typing import Annotated

from fastapi import Depends

from chassis import Caller, Chassis, Principal, not_found
from enrollment.documents import ENROLLMENT
from enrollment.domain.state import Enrollment

REVIEW = "enrollment:review"
READ = "enrollment:read"


async def _reader(caller: Caller) -> Principal:
    if REVIEW not in caller.permissions:
        caller.need(READ)
    return caller


_reader.permission = READ  # type: ignore[attr-defined]  # the permission test reads it off the route
Reader = Annotated[Principal, Depends(_reader)]
"""Who may read enrollments: their own, or as a reviewer everybody's; 403 otherwise."""


async def readable(chassis: Chassis, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it is the caller's organization's, or the caller reviews."""
    state = await chassis.store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or (state.organization_id != caller.organization_id and REVIEW not in caller.permissions):
        raise not_found("enrollment")
    return state


async def own(chassis: Chassis, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it is the caller's organization's."""
    state = await chassis.store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or state.organization_id != caller.organization_id:
        raise not_found("enrollment")
    return state
