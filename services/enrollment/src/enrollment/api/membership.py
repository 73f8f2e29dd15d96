"""The membership registry: operators import it, membership accounts sign in to it with an access code."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis import Cause, Handler, MongoStore, Principal, ProblemError
from enrollment.access_codes import AccessCodes
from enrollment.api.forms import MembershipSignIn
from enrollment.api.views import FaultView, ImportedRowView
from enrollment.documents import PROFILE
from enrollment.domain.profile import ImportProfile, Profile, RegistryEntry
from enrollment.registry import Row
from kontor_contracts.addresses import address_key

TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many wrong access codes for this account or organization. See Retry-After."}
}
MAX_PROFILES = 500
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Membership:
    """The registry as requests use it."""

    store: MongoStore
    handler: Handler
    codes: AccessCodes

    async def sign_in(self, form: MembershipSignIn, caller: Principal, cause: Cause) -> list[RegistryEntry]:
        """The profiles of a membership account, by partner id.

        Raises ProblemError: 403 for an unknown account and for a wrong code, 429 after too many wrong codes.
        """
        account = address_key(form.membership_account)
        where = {"state.entry.membership_account": account}
        found = await self.store.find(PROFILE, where, limit=MAX_PROFILES)
        await self.codes.count(account, form.access_code, caller.organization_id, cause, known=bool(found))
        entries = self.codes.opened(account, (profile.entry for _, profile in found if profile.entry), form.access_code)
        if not entries:
            detail = "the membership account or its access code is wrong; check both, or ask the membership registry"
            raise ProblemError(403, "membership-sign-in-failed", detail)
        await self.codes.succeed(account, form.access_code, caller.organization_id, cause)
        return entries

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

    async def _import_row(self, row: Row, import_id: str, cause: Cause) -> ImportedRowView:
        if not isinstance(row.found, RegistryEntry):
            errors = [FaultView.model_validate(fault) for fault in row.found]
            return ImportedRowView(
                row=row.number, partner_id=row.partner_id, result="failed", error=errors[0], errors=errors
            )

        def result(profile: Profile) -> str:
            return "imported" if profile.import_id == import_id else "unchanged"

        command = ImportProfile(self.codes.keyed(row.found), import_id)
        id = PROFILE.id(row.partner_id)
        outcome = await self.handler.handle(PROFILE, id, command, cause, answer=result)
        return ImportedRowView(row=row.number, partner_id=row.partner_id, result=outcome.answer)
