"""The port of automatic checks: what a check gets, and what it gives."""

from typing import Protocol

from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany


class BusinessCheck(Protocol):
    """One automatic check. A result is for a reviewer: it never approves or rejects."""

    @property
    def name(self) -> str:
        """As it stands in results: a word in lower case with hyphens."""

    @property
    def slow(self) -> bool:
        """It takes its time, for instance because it asks another server: a timer carries it out, and no page waits for it."""

    async def run(self, company: CheckedCompany) -> CheckResult:
        """Raises any error where the check gives no result; the reviewer then reads ``unavailable``."""
