"""Carries out the configured checks of a company, and makes a result of every failure."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from enrollment.checks.port import BusinessCheck
from enrollment.domain.enrollment.check_results import CheckResult, Results
from enrollment.domain.enrollment.checking import CheckedCompany

log = structlog.get_logger("enrollment.checks")


@dataclass(frozen=True, slots=True)
class BusinessChecks:
    """``seconds``: how long one check may take."""

    checks: Sequence[BusinessCheck]
    seconds: float

    async def begin(self, company: CheckedCompany) -> Results:
        """Results of the quick checks; those that ask another server are pending."""
        quick = [check for check in self.checks if not check.slow]
        found = await asyncio.gather(*(self._run(check, company) for check in quick))
        slow = (CheckResult(check=check.name, outcome="pending") for check in self.checks if check.slow)
        return (*found, *slow)

    async def carry_out(self, company: CheckedCompany, known: Results) -> Results:
        """Results of the pending ones among ``known``."""
        by_name = {check.name: check for check in self.checks}
        waiting = [one.check for one in known if one.outcome == "pending"]
        found = [self._run(by_name[name], company) for name in waiting if name in by_name]
        gone = (_unavailable(name, "this check is not configured any more") for name in waiting if name not in by_name)
        return (*await asyncio.gather(*found), *gone)

    async def _run(self, check: BusinessCheck, company: CheckedCompany) -> CheckResult:
        """A person decides without a check that gave no result."""
        try:
            async with asyncio.timeout(self.seconds):
                return await check.run(company)
        except Exception as error:
            log.exception("business_check_failed", check=check.name)
            fault = type(error).__name__
            return _unavailable(check.name, f"the check gave no result ({fault}); have it carried out again")


def _unavailable(name: str, detail: str) -> CheckResult:
    return CheckResult(check=name, outcome="unavailable", detail=detail)
