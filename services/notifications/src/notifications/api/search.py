"""The filters and the order of the list of mails, and which index key finds a page of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from chassis import Principal, list_filter, not_found, require
from kontor_contracts.values import Email, Id, Moment
from notifications.api.views import ShownStatus
from notifications.lists import PROGRAM, list_key, moment_key, recipient_key

Reader = Annotated[Principal, require("mails:read")]
Sort = Literal["queued_at", "-queued_at"]


@dataclass(frozen=True, slots=True)
class WantedMails:
    """``key``: the list whose index finds the page; ``where``: what of it is left out."""

    key: str
    where: Mapping[str, Any]
    descending: bool


def _wanted(  # noqa: PLR0917  one parameter of the request each
    caller: Reader,
    status: Annotated[ShownStatus | None, Query(description="What became of the mail.")] = None,
    recipient: Annotated[
        Email | None, Query(description="The whole address of who gets it, in any spelling of its letters.")
    ] = None,
    cause: Annotated[
        Id | None, Query(description="The message that caused the mail, or its subject, such as enrollment:<id>.")
    ] = None,
    template: Annotated[Id | None, Query(description="For instance invitation.")] = None,
    failure: Annotated[
        Id | None, Query(description="Why it was not delivered, such as unknown-mailbox or policy.")
    ] = None,
    organization_id: Annotated[
        Id | None, Query(description="Whose mails. Others than the own one: the program's staff only.")
    ] = None,
    since: Annotated[Moment | None, Query(description="Queued at this moment or later.")] = None,
    until: Annotated[Moment | None, Query(description="Queued before this moment.")] = None,
    sort: Annotated[Sort, Query(description="By the time it was queued; -queued_at: newest first.")] = "-queued_at",
) -> WantedMails:
    owner = _owner(caller, organization_id)
    # One mailbox and one cause have few mails, a status many: the index is entered by the first that is given.
    given = {
        "recipient": None if recipient is None else recipient_key(recipient),
        "cause": cause,
        "failure": failure,
        "template": template,
        "status": status,
    }
    keys = [list_key(owner, **{name: value}) for name, value in given.items() if value is not None]
    keys.append(list_key(owner))
    return WantedMails(keys[0], list_filter(keys=keys[1:-1], where=between(since, until)), sort == "-queued_at")


MailsQuery = Annotated[WantedMails, Depends(_wanted)]


def may_see(caller: Principal, tenant: str | None) -> bool:
    return caller.organization_kind == "operator" or tenant == caller.organization_id


def between(since: datetime | None, until: datetime | None) -> list[dict[str, Any]]:
    bounds: dict[str, str] = {}
    if since:
        bounds["$gte"] = moment_key(since)
    if until:
        bounds["$lt"] = moment_key(until)
    return [{"ls.o": bounds}] if bounds else []


def _owner(caller: Principal, organization_id: str | None) -> str:
    """Whose mails. 404 for another organization's, as for any document of others."""
    if caller.organization_kind == "operator":
        return organization_id or PROGRAM
    if organization_id not in {None, caller.organization_id}:
        raise not_found("organization")
    return caller.organization_id
