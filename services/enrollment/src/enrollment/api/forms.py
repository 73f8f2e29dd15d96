"""Request bodies. Texts are trimmed; an empty one counts as missing."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from chassis import Form
from enrollment.domain.enrollment.dossier import Step
from enrollment.domain.enrollment.paperwork import MOST_DOCUMENTS
from enrollment.domain.profile import ProfileKind, ProfileStatus, ProgramState
from enrollment.registry import AccessCode
from kontor_contracts.enrollment import (
    DocumentKind,
    LegalChangeRejectionReason,
    RejectionReason,
    ReviewStep,
    SuspensionReason,
)
from kontor_contracts.markets import MarketCulture
from kontor_contracts.values import Country, Email, Id, Line, Name, PartnerId, Program


def _given(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


OptionalLine = Annotated[Line | None, BeforeValidator(_given)]
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^\+?\(?[0-9](?:[ ()/.-]{0,2}[0-9]){4,19}$")
]
"""Five to twenty digits, with a leading ``+`` and the usual signs between them."""
Website = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^https?://[^\s<>\"'@]+$")] | None,
    BeforeValidator(_given),
]
RegistrationId = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{1,39}$")] | None,
    BeforeValidator(_given),
]


Explanation = Annotated[
    Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
        ),
    ]
    | None,
    BeforeValidator(_given),
]
"""What the company reads about a decision."""


class MembershipSignIn(Form):
    membership_account: Email
    access_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RegistryProfileForm(Form):
    """``access_code`` null: the present one stays, unless the membership account changes."""

    membership_account: Email
    access_code: AccessCode | None = None
    company_name: Name
    country: Country
    status: ProfileStatus
    kind: ProfileKind
    program_state: ProgramState = "none"


class StartForm(Form):
    """``copy_from``: a closed enrollment of the organization, whose information the new one takes over."""

    program: Program
    copy_from: Id | None = None


class PartnerIdForm(MembershipSignIn):
    partner_id: PartnerId


PostalCode = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$")] | None,
    BeforeValidator(_given),
]


class AddressForm(Form):
    """``postal_code`` and ``state`` are required where the country has them; `/v1/markets` says so."""

    line1: Line
    line2: OptionalLine = None
    city: Line
    state: OptionalLine = None
    postal_code: PostalCode = None


class ProfileForm(Form):
    company_name: Name
    address: AddressForm
    registration_id: RegistrationId = None


class PrimaryContactForm(Form):
    name: Name
    email: Email
    phone: Phone
    culture: MarketCulture = "en"


class SupportContactForm(Form):
    email: Email
    phone: Phone
    website: Website = None


class DraftForm(Form):
    """Each part may be left out."""

    profile: ProfileForm | None = Field(None, description="The company's legal profile, where it is to be checked.")
    primary_contact: PrimaryContactForm | None = None
    support_contact: SupportContactForm | None = None


class JoinForm(PartnerIdForm):
    support_contact: SupportContactForm


class ReviewForm(Form):
    """``step``: an approval of this step alone; null: of all that are left.

    ``reason`` is required for a rejection. The company gets it by mail, with the ``explanation``.
    """

    decision: Literal["approve", "reject"]
    step: Step | None = None
    reason: RejectionReason | None = None
    explanation: Explanation = None


class AppealForm(Form):
    """``statement``: why the rejection is wrong, for the reviewers."""

    statement: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
        ),
    ]


class ClaimForm(Form):
    """``take_over``: from the reviewer who has claimed it."""

    take_over: bool = False


class NoteForm(Form):
    text: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=1, max_length=1_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
        ),
    ]


class MailboxForm(Form):
    email: Email


class MailboxExceptionForm(MailboxForm):
    """``reason``: why the address is accepted. The company reads it, too."""

    reason: Line


class RiskForm(Form):
    high: bool


class DocumentForm(Form):
    """``note``: what exactly is needed; required for ``other``."""

    kind: DocumentKind
    note: OptionalLine = None

    @model_validator(mode="after")
    def _says_which(self) -> "DocumentForm":
        if self.kind == "other" and self.note is None:
            raise ValueError("note which document is needed")
        return self


class RequestDocumentsForm(Form):
    """``explanation``: for the company, in the mail."""

    step: ReviewStep
    documents: Annotated[list[DocumentForm], Field(min_length=1, max_length=MOST_DOCUMENTS)]
    explanation: Explanation = None


class WithdrawForm(Form):
    """``explanation``: written by the program's staff for the company; ignored if the company sends it."""

    explanation: Explanation = None


class SuspendForm(Form):
    """The company gets reason and ``explanation`` by mail."""

    reason: SuspensionReason
    explanation: Explanation = None


class ReinstateForm(Form):
    """The company gets reason and ``explanation`` by mail."""

    reason: Literal["cause-cleared", "suspended-in-error"]
    explanation: Explanation = None


class NoticeOfEndForm(Form):
    """``at_once``: by the program's staff, for the good cause that ``explanation`` says to the company."""

    at_once: bool = False
    explanation: Explanation = None


class LegalChangeReviewForm(Form):
    """``reason`` is required for a rejection. The partner gets it by mail, with the ``explanation``."""

    decision: Literal["accept", "reject"]
    reason: LegalChangeRejectionReason | None = None
    explanation: Explanation = None


class LegalNameForm(Form):
    """The company's present registered name."""

    name: Name


class AgreementForm(Form):
    """``language``: in which it was read; null: the caller's."""

    version: Line
    language: MarketCulture | None = None
    accepted: bool = Field(strict=True)
