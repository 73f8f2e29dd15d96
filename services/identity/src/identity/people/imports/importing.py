"""Invites the users of a CSV file: a small one at once, a large one in the background."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from chassis import Cause, Handler, MongoStore, ProblemError, RefusedError, TakenError, derived_id
from chassis.files import ApplyRows, ImportPart
from chassis.limits import MailBudgets
from identity.documents import USER
from identity.domain.user.access.role_rules import not_addable
from identity.domain.user.state import User
from identity.people.imports.rows import (
    Row,
    RowResult,
    failed,
    unfit,
)
from identity.people.invitations import Invitee, Links
from identity.people.lookup import colleague_by_email, known_elsewhere
from identity.people.restoring import ways_back
from identity.people.senders import Inviter, charge, charge_addressee, inviter_of
from kontor_contracts.addresses import address_key

AT_ONCE_ROWS = 100
"""A file with more rows is answered 202 and processed in the background."""


AT_ONCE = 16


class Import:
    """Invites the users of one file. The same file with the same key invites nobody twice."""

    def __init__(
        self, store: MongoStore, handler: Handler, links: Links, inviter: Inviter, *, budgets: MailBudgets, scope: str
    ) -> None:
        self._store = store
        self._handler = handler
        self._links = links
        self._inviter = inviter
        self._budgets = budgets
        self._scope = scope
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self, rows: Sequence[Row], cause: Cause) -> list[RowResult]:
        """The results in the order of the rows. The first of two rows with one address counts. The file was charged before."""
        return list(await asyncio.gather(*self._results(rows, cause)))

    async def charge(self, rows: Sequence[Row], cause: Cause) -> None:
        """Charge the sender for the whole file.

        ProblemError 429 if it has more new users than mails are left today; then no user is invited.
        """
        if new := await self._new(rows):
            await charge(self._budgets, self._inviter, cause, len(new))

    async def _new(self, rows: Sequence[Row]) -> set[str]:
        """The addresses that will get a mail, as far as known before the import."""
        wanted = {address_key(row.email) for row in rows if isinstance(row.found, Invitee) and self._addable(row.found)}
        organization_id = self._inviter.organization.organization_id
        where = {"uk.colleague": {"$in": [f"{organization_id}|{key}" for key in sorted(wanted)]}}
        there = await self._store.find(USER, where, limit=max(1, len(wanted)))
        return wanted - {address_key(user.email) for _, user in there}

    def _addable(self, invitee: Invitee) -> bool:
        return not_addable(invitee.roles, self._inviter.organization, self._inviter.by, guest=invitee.guest) is None

    def _results(self, rows: Sequence[Row], cause: Cause) -> Iterator[Any]:
        seen: set[str] = set()
        for row in rows:
            key = address_key(row.email)
            twice = key in seen
            seen.add(key)
            yield self._result(row, cause, twice=twice)

    async def _result(self, row: Row, cause: Cause, *, twice: bool) -> RowResult:
        if failed := unfit(row, twice=twice):
            return failed
        assert isinstance(row.found, Invitee), "it is fit"
        async with self._slots:
            return await self._invite(row, row.found, cause)

    async def _invite(self, row: Row, invitee: Invitee, cause: Cause) -> RowResult:
        user_id = derived_id(self._scope, "import", address_key(invitee.email))
        organization_id = self._inviter.organization.organization_id
        invitee = replace(invitee, known=await known_elsewhere(self._store, invitee.email, organization_id))
        command = self._links.inviting(invitee, user_id, self._inviter, cause.time)
        own = replace(cause, id=f"{cause.id}:{row.number}")
        try:
            if await self._handler.would_change(USER, USER.id(user_id), command, own):
                await charge_addressee(self._budgets, self._inviter, own, invitee.email)
            outcome = await self._handler.handle(USER, USER.id(user_id), command, own, answer=_invited)
        except ProblemError as problem:
            return failed(row, problem.code, problem.detail)
        except RefusedError as error:
            refusal: Any = error.refusal
            return failed(row, refusal.reason, refusal.detail)
        except TakenError:
            return await self._taken(row)
        # The first answer, if the file was sent again with the same key.
        return RowResult(row=row.number, email=row.email, result=outcome.answer, user_id=user_id)

    async def _taken(self, row: Row) -> RowResult:
        user = await colleague_by_email(self._store, self._inviter.organization.organization_id, row.email)
        if user and not user.is_gone:
            return RowResult(row=row.number, email=row.email, result="unchanged", user_id=user.user_id)
        if user:
            return failed(row, "restorable", ways_back(user.user_id))
        return failed(row, "email-taken", "another user of your company has this address")


def large(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows in stored form. A row with faults has its result already."""
    seen: set[str] = set()
    waiting: list[dict[str, Any]] = []
    for row in rows:
        key = address_key(row.email)
        failed = unfit(row, twice=key in seen)
        seen.add(key)
        if failed:
            waiting.append({"result": failed.model_dump(mode="json")})
        else:
            assert isinstance(row.found, Invitee), "it is fit"
            waiting.append({"number": row.number, "wish": asdict(row.found)})
    return waiting


def inviting_rows(store: MongoStore, handler: Handler, links: Links, budgets: MailBudgets) -> ApplyRows:
    """Invites stored rows for the user who sent the file, with this user's current roles."""

    async def apply(part: ImportPart, rows: Sequence[dict[str, Any]], cause: Cause) -> list[dict[str, Any]]:
        sender = await store.get(USER, USER.id(part.by))
        waiting = [_waiting(row) for row in rows if "wish" in row]
        if sender is None or not sender.active:
            gone = "the user who sent the file is not active any more; another administrator can send it again"
            done = iter([failed(row, "sender-gone", gone) for row in waiting])
        else:
            importing = Import(
                store, handler, links, await inviter_of(store, sender), budgets=budgets, scope=part.import_id
            )
            done = iter(await importing.run(waiting, cause))
        return [row["result"] if "result" in row else next(done).model_dump(mode="json") for row in rows]

    return apply


def _waiting(row: dict[str, Any]) -> Row:
    invitee = row["wish"] | {"roles": tuple(row["wish"]["roles"])}
    return Row(row["number"], invitee["email"], Invitee(**invitee))


def _invited(_: User) -> str:
    return "invited"
