"""Compares the company with those of other organizations that are enrolled or on their way: by name and registration id."""

from dataclasses import dataclass
from typing import ClassVar

from chassis import MongoStore
from enrollment.documents import ENROLLMENT
from enrollment.domain.enrollment.check_results import MOST_RELATED, CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany
from enrollment.domain.enrollment.company_keys import name_key, number_key
from enrollment.domain.enrollment.name_warnings import Likeness, likeness
from enrollment.domain.enrollment.state import Enrollment

FOUND: dict[Likeness, str] = {
    "same": "the same name",
    "legal-form-differs": "the same name with another legal form",
    "similar": "a similar name",
    "other": "a similar name",
}


@dataclass(frozen=True, slots=True)
class OtherEnrollmentsCheck:
    """Each comparison is one query by the index of lists."""

    name: ClassVar[str] = "other-enrollments"
    slow: ClassVar[bool] = False
    store: MongoStore

    async def run(self, company: CheckedCompany) -> CheckResult:
        named = await self._named(company)
        numbered = await self._numbered(company)
        found = {one.enrollment_id: one for one in (*numbered, *named)}
        if not found:
            detail = "no other organization has this name or registration id"
            return CheckResult(check=self.name, outcome="passed", detail=detail)
        likenesses = {FOUND[likeness(company.company_name or "", one.company_name or "")]: None for one in named}
        alike = [*(["the same registration id"] if numbered else []), *likenesses]
        return CheckResult(
            check=self.name,
            outcome="flagged",
            detail=f"another organization has {' and '.join(alike)}",
            related=tuple(found)[:MOST_RELATED],
        )

    async def _named(self, company: CheckedCompany) -> list[Enrollment]:
        if company.company_name is None:
            return []
        return await self._under(name_key(company.country, company.company_name), company)

    async def _numbered(self, company: CheckedCompany) -> list[Enrollment]:
        if company.registration_id is None:
            return []
        return await self._under(number_key(company.country, company.registration_id), company)

    async def _under(self, key: str, company: CheckedCompany) -> list[Enrollment]:
        others = {"tenant": {"$ne": company.organization_id}}
        return [state for _, state in await self.store.list_page(ENROLLMENT, key, others, limit=MOST_RELATED)]
