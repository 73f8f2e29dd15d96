"""HTTP: the users of the caller's organization as a file, and users from a file."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis import (
    CSV_ANSWER,
    SPENT,
    Chassis,
    CsvSeparator,
    MailBudgets,
    Once,
    Principal,
    csv_body,
    csv_download,
    csv_line,
    new_router,
    require,
    uploaded_csv,
)
from identity.documents import USER
from identity.domain.user.state import User
from identity.people.csv_import import COLUMNS, EXAMPLE, RULES, Import, RowResult, read_users
from identity.people.invitations import Links
from identity.people.lookup import calling_user
from identity.people.search import Wanted
from identity.people.senders import inviter_of
from identity.whole_lists import all_pages

EXPORTED = ("user_id", "full_name", "email", "culture", "status", "guest", "roles")


class ImportedUsers(BaseModel):
    invited: int
    unchanged: int
    failed: int
    rows: list[RowResult]


def router(chassis: Chassis, links: Links, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    @routes.get("/export", responses=CSV_ANSWER, response_class=Response)
    async def export_users(
        wanted: Wanted, separator: CsvSeparator, caller: Annotated[Principal, require("users:read")]
    ) -> Response:
        """The list as CSV, with the same search and filters."""
        where = {"tenant": caller.organization_id, **wanted}

        async def rows() -> AsyncIterator[str]:
            async for page in all_pages(lambda after, limit: chassis.store.find(USER, where, limit=limit, after=after)):
                yield "".join(_line(user, separator) for _, user in page)

        return csv_download("users", EXPORTED, rows(), separator)

    @routes.post(
        "/import",
        responses={415: {"description": "not text/csv"}, **SPENT},
        openapi_extra=csv_body(COLUMNS, EXAMPLE, RULES),
    )
    async def import_users(
        request: Request, once: Once, caller: Annotated[Principal, require("users:write")]
    ) -> ImportedUsers:
        """Invite the users of a CSV file. Every row is judged alone; the same file again invites nobody twice."""
        rows = read_users(await uploaded_csv(request))
        administrator = await calling_user(chassis, caller)
        importing = Import(chassis, links, await inviter_of(chassis, administrator), budgets, once.scope(caller))
        results = await importing.run(rows, once.cause(caller))
        counts = {name: sum(each.result == name for each in results) for name in ("invited", "unchanged", "failed")}
        return ImportedUsers(**counts, rows=results)

    return routes


def _line(user: User, separator: str) -> str:
    guest = "yes" if user.guest else "no"
    cells = (user.user_id, user.full_name, user.email, user.culture, user.status, guest, " ".join(user.roles))
    return csv_line(cells, separator)
