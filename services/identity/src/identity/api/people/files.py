"""HTTP: export and import of the organization's users as CSV."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from chassis import AnswerLanguage, Handler, Language, MongoStore, Once, Principal, new_router, require
from chassis.files import CSV_ANSWER, BulkImports, CsvSeparator, csv_body, csv_download, csv_line, uploaded_csv
from chassis.files import ImportProgress as Progress
from chassis.limits import SPENT, MailBudgets
from identity.documents import USER
from identity.domain.user.state import User
from identity.people.imports.importing import AT_ONCE_ROWS, Import, large
from identity.people.imports.rows import COLUMNS, EXAMPLE, RULES, RowResult, read_users
from identity.people.imports.wording import in_language
from identity.people.invitations import Links
from identity.people.lookup import calling_user
from identity.people.search import Wanted
from identity.people.senders import inviter_of

EXPORTED = ("user_id", "full_name", "email", "culture", "status", "guest", "roles")


class ImportedUsers(BaseModel):
    invited: int
    unchanged: int
    failed: int
    rows: list[RowResult]


class UserImport(BaseModel):
    """A large import: its progress, and the results so far in the order of the file.

    `next_after`: pass it as `after` to get the following rows. Results are kept for seven days.
    """

    import_id: str
    status: Literal["running", "done"]
    total: int
    done: int
    invited: int
    unchanged: int
    failed: int
    rows: list[RowResult]
    next_after: int | None


LARGE: dict[int | str, dict[str, Any]] = {
    202: {
        "model": UserImport,
        "description": f"More than {AT_ONCE_ROWS} rows: the import runs in the background. Location has its progress.",
    },
    415: {"description": "The body is not CSV."},
}


def router(
    store: MongoStore, handler: Handler, *, links: Links, imports: BulkImports, budgets: MailBudgets
) -> APIRouter:
    routes = new_router("/v1/users", tags=["users"])

    @routes.get("/export", responses=CSV_ANSWER, response_class=Response)
    async def export_users(
        wanted: Wanted, separator: CsvSeparator, caller: Annotated[Principal, require("users:read")]
    ) -> Response:
        """The list of users as CSV, with the same search and filters."""
        where = {"tenant": caller.organization_id, **wanted}

        async def rows() -> AsyncIterator[str]:
            async for page in store.find_pages(USER, where):
                yield "".join(_line(user, separator) for _, user in page)

        return csv_download("users", EXPORTED, rows(), separator)

    @routes.post(
        "/import",
        responses={**LARGE, **SPENT},
        response_model=ImportedUsers,
        openapi_extra=csv_body(COLUMNS, EXAMPLE, RULES),
    )
    async def import_users(
        request: Request, once: Once, language: AnswerLanguage, caller: Annotated[Principal, require("users:write")]
    ) -> Any:
        """Invite the users of a CSV file. Each row has its own result; the same file again invites no user twice.

        A large file is answered 202 with its import. A restart of the service loses no row.
        """
        rows = read_users(await uploaded_csv(request))
        administrator = await calling_user(store, caller)
        inviter = await inviter_of(store, administrator)
        importing = Import(store, handler, links, inviter, budgets=budgets, scope=once.scope(caller))
        await importing.charge(rows, once.cause(caller))
        if len(rows) > AT_ONCE_ROWS:
            import_id = await imports.start(large(rows), caller, once.scope(caller), once.cause(caller))
            begun = _view(await imports.progress(import_id, caller), language)
            headers = {"location": f"/v1/users/imports/{import_id}", "retry-after": "1"}
            return JSONResponse(begun.model_dump(mode="json"), 202, headers)
        results = await importing.run(rows, once.cause(caller))
        counts = {name: sum(each.result == name for each in results) for name in ("invited", "unchanged", "failed")}
        return ImportedUsers(**counts, rows=in_language(results, language))

    @routes.get("/imports/{import_id}")
    async def show_user_import(
        import_id: str,
        language: AnswerLanguage,
        caller: Annotated[Principal, require("users:write")],
        after: Annotated[int, Query(ge=0, description="Skip this many results.")] = 0,
    ) -> UserImport:
        """The progress and results of a large import. 404 for imports of other organizations."""
        return _view(await imports.progress(import_id, caller, after=after), language)

    return routes


def _view(progress: Progress, language: Language) -> UserImport:
    return UserImport(
        import_id=progress.import_id,
        status=progress.status,
        total=progress.total,
        done=progress.done,
        invited=progress.counts["invited"],
        unchanged=progress.counts["unchanged"],
        failed=progress.counts["failed"],
        rows=in_language([RowResult.model_validate(one) for one in progress.results], language),
        next_after=progress.next_after,
    )


def _line(user: User, separator: str) -> str:
    guest = "yes" if user.guest else "no"
    cells = (user.user_id, user.full_name, user.email, user.culture, user.status, guest, " ".join(user.roles))
    return csv_line(cells, separator)
