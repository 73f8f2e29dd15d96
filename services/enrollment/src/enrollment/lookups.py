"""The enrollments that a caller may see and change. Other organizations' enrollments are a 404."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends

from chassis import Caller, MongoStore, Principal, not_found
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.state import Actor, Enrollment

REVIEW = "enrollment:review"
READ = "enrollment:read"
SUBMIT = "enrollment:submit"


async def _reader(caller: Caller) -> Principal:
    if REVIEW not in caller.permissions:
        caller.need(READ)
    return caller


_reader.permission = READ  # type: ignore[attr-defined]  # the permission test reads it off the route
Reader = Annotated[Principal, Depends(_reader)]
"""A caller who may read enrollments: their organization's own, or all of them as a reviewer. 403 otherwise."""


async def _editor(caller: Caller) -> Principal:
    if REVIEW not in caller.permissions:
        caller.need(SUBMIT)
    return caller


_editor.permission = SUBMIT  # type: ignore[attr-defined]  # the permission test reads it off the route
Editor = Annotated[Principal, Depends(_editor)]
"""A caller who may change enrollments: their organization's own, or others' for the program. 403 otherwise."""


def actor_of(caller: Principal, state: Enrollment, at: datetime) -> Actor:
    """The program's staff act on other organizations; a user who can submit acts for the own one."""
    own_company = state.organization_id == caller.organization_id and SUBMIT in caller.permissions
    return Actor(user=caller.user_id, organization=caller.organization_id, staff=not own_company, at=at)


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
