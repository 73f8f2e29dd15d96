"""Checks that the registration id can exist: its form and check digits, by the rules of its country."""

from dataclasses import dataclass

from enrollment.country_rules import registration_id_faults, rules_of
from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany


@dataclass(frozen=True, slots=True)
class RegistrationIdCheck:
    name: str = "registration-id"
    slow: bool = False

    async def run(self, company: CheckedCompany) -> CheckResult:
        number, kinds = company.registration_id, rules_of(company.country).registration_ids
        if number is None:
            return self._result("unknown", "the company gave no registration id")
        if not kinds:
            return self._result("unknown", f"there is no rule for numbers in {company.country}")
        if any(registration_id_faults(number, company.country)):
            return self._result("flagged", f"{number} is no valid {', '.join(kinds)}")
        return self._result("passed", f"form and check digits of {', '.join(kinds)} are right")

    def _result(self, outcome: str, detail: str) -> CheckResult:
        return CheckResult(check=self.name, outcome=outcome, detail=detail)  # type: ignore[arg-type]  # one of three
