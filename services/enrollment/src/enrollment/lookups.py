"""The enrollments that a caller may see and change. Other organizations' enrollments are a 404."""

from typing import Annotated

from fastapi import Depends

from chassis import Caller, MongoStore, Principal, not_found
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.state import Enrollment

REVIEW = "enrollment:review"
READ = "enrollment:read"


async def _reader(caller: Caller) -> Principal:
    if REVIEW not in caller.permissions:
        caller.need(READ)
    return caller


_reader.permission = READ  # type: ignore[attr-defined]  # the permission test reads it off the route
Reader = Annotated[Principal, Depends(_reader)]
"""A caller who may read enrollments: their organization's own, or all of them as a reviewer. 403 otherwise."""


async def readable(store: MongoStore, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it belongs to the caller's organization or the caller is a reviewer."""
    state = await store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or (state.organization_id != caller.organization_id and REVIEW not in caller.permissions):
        raise not_found("enrollment")
    return state


async def own(store: MongoStore, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it belongs to the caller's organization."""
    state = await store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or state.organization_id != caller.organization_id:
        raise not_found("enrollment")
    return state
