"""The membership registry: operators import it, membership accounts sign in to it with an access code."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chassis import Cause, Handler, Principal, ProblemError
from chassis.files import ApplyRows, ImportPart
from enrollment.access_codes import AccessCodes
from enrollment.api.forms import MembershipSignIn
from enrollment.api.views import FaultView, ImportedRowView
from enrollment.documents import PROFILE
from enrollment.domain.profile import ImportProfile, Keeper, Profile, RegistryEntry
from enrollment.membership_accounts import MembershipAccounts
from enrollment.registry import Row, RowFault
from kontor_contracts.addresses import address_key

TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many wrong access codes for this account or organization. See Retry-After."}
}
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Membership:
    """The registry as requests use it."""

    handler: Handler
    codes: AccessCodes
    accounts: MembershipAccounts

    async def sign_in(self, form: MembershipSignIn, caller: Principal, cause: Cause) -> list[RegistryEntry]:
        """The profiles of a membership account.

        Raises ProblemError: 403 for an unknown account and for a wrong code, 429 after too many wrong codes.
        """
        account = address_key(form.membership_account)
        known = await self.accounts.known(account)
        await self.codes.count(account, form.access_code, caller.organization_id, cause, known=known)
        entries = await self.accounts.profiles(account, form.access_code)
        if entries is None:
            detail = "the membership account or its access code is wrong; check both, or ask the membership registry"
            raise ProblemError(403, "membership-sign-in-failed", detail)
        await self.codes.succeed(account, form.access_code, caller.organization_id, cause)
        return list(entries)

    async def import_rows(self, rows: Sequence[Row], import_id: str, cause: Cause) -> list[ImportedRowView]:
        """One command per row. A faulty row does not stop the others; the same request again continues where it ended."""
        results: list[ImportedRowView] = []
        for start in range(0, len(rows), AT_ONCE):
            some = (self._import_row(row, import_id, cause) for row in rows[start : start + AT_ONCE])
            # All of them end before one failure is raised, so nothing runs on after the answer.
            for outcome in await asyncio.gather(*some, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    raise outcome
                results.append(outcome)
        return results

    def waiting_rows(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The rows as they wait in documents, without their access codes. A faulty row has its result already."""
        return [
            {"number": row.number, "entry": asdict(self.codes.keyed(row.found))}
            if isinstance(row.found, RegistryEntry)
            else {"result": _failed(row, row.found).model_dump(mode="json")}
            for row in rows
        ]

    async def import_waiting(
        self, rows: Sequence[dict[str, Any]], import_id: str, cause: Cause
    ) -> list[dict[str, Any]]:
        """A result for each, in their order."""
        good = [_waiting(row) for row in rows if "entry" in row]
        done = iter(await self.import_rows(good, import_id, cause))
        return [row["result"] if "result" in row else next(done).model_dump(mode="json") for row in rows]

    async def _import_row(self, row: Row, import_id: str, cause: Cause) -> ImportedRowView:
        if not isinstance(row.found, RegistryEntry):
            return _failed(row, row.found)

        def result(profile: Profile) -> str:
            return "imported" if profile.import_id == import_id else "unchanged"

        command = ImportProfile(self.codes.keyed(row.found), import_id, Keeper(cause.actor, cause.time, "file"))
        id = PROFILE.id(row.partner_id)
        outcome = await self.handler.handle(PROFILE, id, command, cause, answer=result)
        return ImportedRowView(row=row.number, partner_id=row.partner_id, result=outcome.answer)


def importing_profiles(membership: Membership) -> ApplyRows:
    """Applies the waiting rows of a large import."""

    async def apply(part: ImportPart, rows: Sequence[dict[str, Any]], cause: Cause) -> list[dict[str, Any]]:
        return await membership.import_waiting(rows, part.import_id, cause)

    return apply


def _waiting(row: dict[str, Any]) -> Row:
    entry = RegistryEntry(**row["entry"])
    return Row(row["number"], entry.partner_id, entry)


def _failed(row: Row, faults: Sequence[RowFault]) -> ImportedRowView:
    errors = [FaultView.model_validate(fault) for fault in faults]
    return ImportedRowView(row=row.number, partner_id=row.partner_id, result="failed", error=errors[0], errors=errors)
