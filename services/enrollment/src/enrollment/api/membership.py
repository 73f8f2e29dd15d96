"""The membership registry: filled by operators, opened by a membership account and its access code."""

import asyncio
from collections.abc import Sequence

from chassis import Cause, Chassis, ProblemError
from enrollment.api.views import FaultView, ImportedRowView
from enrollment.credentials import digest
from enrollment.documents import PROFILE
from enrollment.domain.profile import ImportProfile, Profile, RegistryEntry
from enrollment.registry import Row, RowFault
from kontor_contracts.addresses import address_key

MAX_PROFILES = 500
AT_ONCE = 32


async def sign_in(chassis: Chassis, account: str, access_code: str) -> list[RegistryEntry]:
    """The profiles of a membership account, by partner id. ProblemError 403, the same for unknown accounts and codes."""
    where = {
        "state.entry.membership_account": address_key(account),
        "state.entry.access_code_hash": digest(access_code),
    }
    found = await chassis.store.find(PROFILE, where, limit=MAX_PROFILES)
    entries = [profile.entry for _, profile in found if profile.entry]
    if not entries:
        detail = "the membership account or its access code is wrong; check both, or ask the membership registry"
        raise ProblemError(403, "membership-sign-in-failed", detail)
    return entries


async def import_rows(chassis: Chassis, rows: Sequence[Row], import_id: str, cause: Cause) -> list[ImportedRowView]:
    """One command per row: what is wrong with one stops no other, and the same request again goes on where it ended."""
    results: list[ImportedRowView] = []
    for start in range(0, len(rows), AT_ONCE):
        some = (_import_row(chassis, row, import_id, cause) for row in rows[start : start + AT_ONCE])
        # All of them come to an end before a failure of one is told: nothing goes on behind the caller's back.
        for outcome in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            results.append(outcome)
    return results


async def _import_row(chassis: Chassis, row: Row, import_id: str, cause: Cause) -> ImportedRowView:
    if isinstance(row.found, RowFault):
        error = FaultView.model_validate(row.found)
        return ImportedRowView(row=row.number, partner_id=row.partner_id, result="failed", error=error)

    def result(profile: Profile) -> str:
        return "imported" if profile.import_id == import_id else "unchanged"

    command = ImportProfile(row.found, import_id)
    outcome = await chassis.handler.handle(PROFILE, PROFILE.id(row.partner_id), command, cause, answer=result)
    return ImportedRowView(row=row.number, partner_id=row.partner_id, result=outcome.answer)
