"""HTTP: the users of the caller's organization as a file, and users from a file."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis import SPENT, Chassis, MailBudgets, Once, Principal, ProblemError, new_router, require
from identity.documents import USER
from identity.domain.user.state import User
from identity.people.csv_files import DOCUMENTED, download, line
from identity.people.csv_import import COLUMNS, Import, RowResult, UnreadableFileError, read_users
from identity.people.invitations import Links
from identity.people.lookup import calling_user
from identity.people.search import Wanted
from identity.people.senders import inviter_of
from identity.whole_lists import all_pages

CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "format": "binary"}, "example": ",".join(COLUMNS) + "\n"}
        },
    }
}
EXPORTED = ("user_id", "full_name", "email", "culture", "status", "guest", "roles")


class ImportedUsers(BaseModel):
    invited: int
    unchanged: int
    failed: int
    rows: list[RowResult]


def router(chassis: Chassis, links: Links, budgets: MailBudgets) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    @routes.get("/export", responses=DOCUMENTED, response_class=Response)
    async def export_users(wanted: Wanted, caller: Annotated[Principal, require("users:read")]) -> Response:
        """The list as CSV, with the same search and filters."""
        where = {"tenant": caller.organization_id, **wanted}

        async def rows() -> AsyncIterator[str]:
            async for page in all_pages(lambda after, limit: chassis.store.find(USER, where, limit=limit, after=after)):
                yield "".join(_line(user) for _, user in page)

        return download("users", EXPORTED, rows())

    @routes.post("/import", responses={415: {"description": "not text/csv"}, **SPENT}, openapi_extra=CSV_BODY)
    async def import_users(
        request: Request, once: Once, caller: Annotated[Principal, require("users:write")]
    ) -> ImportedUsers:
        """Invite the users of a CSV file. Every row is judged alone; the same file again invites nobody twice."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise ProblemError(415, "not-csv", "send the file as it is, with content-type text/csv")
        administrator = await calling_user(chassis, caller)
        try:
            rows = read_users(await request.body())
        except UnreadableFileError as error:
            raise ProblemError(422, error.code, str(error), field="body") from error
        importing = Import(chassis, links, await inviter_of(chassis, administrator), budgets, once.scope(caller))
        results = await importing.run(rows, once.cause(caller))
        counts = {name: sum(each.result == name for each in results) for name in ("invited", "unchanged", "failed")}
        return ImportedUsers(**counts, rows=results)

    return routes


def _line(user: User) -> str:
    guest = "yes" if user.guest else "no"
    return line((user.user_id, user.full_name, user.email, user.culture, user.status, guest, " ".join(user.roles)))
