"""Compares the company with a list that the operator keeps in a file: countries, names and registration ids to look at."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany
from enrollment.domain.enrollment.company_keys import number_key
from enrollment.domain.enrollment.name_warnings import alike_names

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


MOST_NAMES = 20_000


class WatchList(BaseModel):
    """Fields that are left out are empty lists; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    countries: frozenset[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]] = frozenset()
    names: tuple[Text, ...] = Field((), max_length=MOST_NAMES)
    registration_ids: frozenset[Text] = frozenset()


def read_watch_list(file: Path) -> WatchList:
    return WatchList.model_validate_json(file.read_bytes())


@dataclass(frozen=True, slots=True)
class WatchListCheck:
    """The file is read for each check, so a new version of it holds at once. A match is a high risk."""

    name: ClassVar[str] = "watch-list"
    slow: ClassVar[bool] = True
    file: Path

    async def run(self, company: CheckedCompany) -> CheckResult:
        found = await asyncio.to_thread(lambda: matches(company, read_watch_list(self.file)))
        if not found:
            return CheckResult(check=self.name, outcome="passed", detail="nothing on the operator's list matches")
        return CheckResult(
            check=self.name, outcome="flagged", detail=f"on the operator's list: {'; '.join(found)}", high_risk=True
        )


def matches(company: CheckedCompany, listed: WatchList) -> list[str]:
    """What the list has of the company, in words; at most one of each kind."""
    found = [f"the country {company.country}"] if company.country in listed.countries else []
    name, number = company.company_name, company.registration_id
    alike = next(alike_names(name, listed.names), None) if name else None
    found += [f"the name {alike}"] if alike else []
    known = {number_key("", one) for one in listed.registration_ids}
    found += [f"the registration id {number}"] if number and number_key("", number) in known else []
    return found
