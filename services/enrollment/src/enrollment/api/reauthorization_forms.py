"""Request bodies about the yearly re-authorization."""

from typing import Annotated

from pydantic import Field

from chassis import Form
from enrollment.api.forms import Explanation
from kontor_contracts.enrollment import Confirmation
from kontor_contracts.values import Moment


class ReauthorizationForm(Form):
    """All that the enrollment lists under ``reauthorization.confirmations``."""

    confirmed: Annotated[tuple[Confirmation, ...], Field(max_length=20)]


class MoveReauthorizationForm(Form):
    """The partner gets ``explanation`` by mail."""

    due_at: Moment
    explanation: Explanation = None


class EndWaitForm(Form):
    """The company gets ``explanation`` by mail."""

    explanation: Explanation = None
