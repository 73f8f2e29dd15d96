"""Asks a server of the operator's about a company, as `contracts/openapi/business-check.yaml` says."""

from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from chassis import UnavailableError, ask
from enrollment.domain.enrollment.check_results import CheckResult
from enrollment.domain.enrollment.checking import CheckedCompany

LONGEST_ANSWER = 64 * 1024


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    outcome: Literal["passed", "flagged", "unknown"]
    detail: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = (
        ""
    )
    high_risk: bool = False


@dataclass(frozen=True, slots=True)
class ExternalCheck:
    """``seconds``: how long the server may take."""

    name: ClassVar[str] = "external"
    slow: ClassVar[bool] = True
    url: str
    token: str | None = field(repr=False)
    seconds: float

    async def run(self, company: CheckedCompany) -> CheckResult:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = asdict(company)
        answer = await ask(
            "POST", f"{self.url.rstrip('/')}/v1/checks", timeout=self.seconds, json=body, headers=headers
        )
        if answer.status_code != HTTPStatus.OK:
            raise UnavailableError(f"status {answer.status_code}")
        if len(answer.content) > LONGEST_ANSWER:
            raise UnavailableError("the answer is too long")
        # The text of a pydantic error has no value of the answer.
        found = _Answer.model_validate_json(answer.content)
        return CheckResult(
            check=self.name, outcome=found.outcome, detail=found.detail or None, high_risk=found.high_risk
        )
