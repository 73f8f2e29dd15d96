"""Compares the company with its profile in the membership registry, as the profile is now."""

from dataclasses import dataclass
from typing import ClassVar

from chassis import MongoStore
from enrollment.documents import PROFILE
from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany
from enrollment.domain.enrollment.name_warnings import Likeness, likeness

SPELLINGS: dict[Likeness, str] = {
    "legal-form-differs": "the registry has another legal form",
    "similar": "the registry spells the name in another way",
    "other": "the registry has another name",
}


@dataclass(frozen=True, slots=True)
class RegistryProfileCheck:
    """With an external registry, the name is compared that it gave when the partner id was linked."""

    name: ClassVar[str] = "registry-profile"
    slow: ClassVar[bool] = False
    store: MongoStore

    async def run(self, company: CheckedCompany) -> CheckResult:
        if company.partner_id is None or company.company_name is None:
            return CheckResult(check=self.name, outcome="unknown", detail="no partner id is linked")
        profile = await self.store.get(PROFILE, PROFILE.id(company.partner_id))
        entry = profile.entry if profile else None
        registered = entry.company_name if entry else company.registry_name
        faults = []
        if entry and entry.status != "active":
            faults.append(f"the profile {entry.partner_id} is {entry.status}")
        if entry and entry.country != company.country:
            faults.append(f"the profile is in {entry.country}, the company in {company.country}")
        if registered and (spelled := SPELLINGS.get(likeness(company.company_name, registered))):
            faults.append(f"{spelled}: {registered}")
        if faults:
            return CheckResult(check=self.name, outcome="flagged", detail="; ".join(faults))
        if registered is None:
            return CheckResult(check=self.name, outcome="unknown", detail="the registry's name is not known")
        return CheckResult(check=self.name, outcome="passed", detail=f"the registry has the same name: {registered}")
