"""The enrollments that a caller may see and change. Other organizations' enrollments are a 404."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends

from chassis import Caller, MongoStore, Principal, not_found
from enrollment.documents import ENROLLMENT, PROVED_DOMAIN
from enrollment.domain.enrollment.domain_check import mail_domain
from enrollment.domain.enrollment.state import Actor, Enrollment
from enrollment.domain.proved_domain import proved_by

REVIEW = "enrollment:review"
READ = "enrollment:read"
SUBMIT = "enrollment:submit"
SIGN = "enrollment:sign-agreement"


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


async def _ender(caller: Caller) -> Principal:
    if REVIEW not in caller.permissions:
        caller.need(SIGN)
    return caller


_ender.permission = SIGN  # type: ignore[attr-defined]  # the permission test reads it off the route
Ender = Annotated[Principal, Depends(_ender)]
"""A caller who may end agreements: the organization's own, by the users who may sign it, or others' for the program."""


def ender_of(caller: Principal, state: Enrollment, at: datetime) -> Actor:
    own_company = state.organization_id == caller.organization_id and SIGN in caller.permissions
    return Actor(user=caller.user_id, organization=caller.organization_id, staff=not own_company, at=at)


async def readable(store: MongoStore, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it belongs to the caller's organization or the caller is a reviewer."""
    state = await store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or (state.organization_id != caller.organization_id and REVIEW not in caller.permissions):
        raise not_found("enrollment")
    return state


async def waiting_enrollment(store: MongoStore, organization_id: str) -> Enrollment | None:
    """The one that keeps the organization from enrolling again because it missed its re-authorization."""
    where = {"tenant": organization_id, "state.wait_until": {"$ne": None}, "state.status": "ended"}
    found = await store.find(ENROLLMENT, where, limit=1)
    return found[0][1] if found else None


async def domain_proved(store: MongoStore, state: Enrollment) -> bool:
    """Whether the organization has proved the mail domain of its primary contact."""
    if state.primary_contact is None:
        return False
    found = await store.get(PROVED_DOMAIN, PROVED_DOMAIN.id(mail_domain(state.primary_contact)))
    return proved_by(found, state.organization_id)


MOST_OTHERS = 20


async def others_of(store: MongoStore, state: Enrollment) -> list[Enrollment]:
    """Other enrollments of the organization and with the same partner id, the newest first; at most some of each."""
    wheres = [{"tenant": state.organization_id}]
    wheres += [{"state.partner_id": state.partner_id}] if state.partner_id else []
    found = [one for where in wheres for _, one in await store.find(ENROLLMENT, where, limit=MOST_OTHERS)]
    others = {one.enrollment_id: one for one in found if one.enrollment_id != state.enrollment_id}
    return sorted(others.values(), key=lambda one: one.history[-1].at, reverse=True)


async def own(store: MongoStore, enrollment_id: str, caller: Principal) -> Enrollment:
    """404 unless it belongs to the caller's organization."""
    state = await store.get(ENROLLMENT, ENROLLMENT.id(enrollment_id))
    if state is None or state.organization_id != caller.organization_id:
        raise not_found("enrollment")
    return state
