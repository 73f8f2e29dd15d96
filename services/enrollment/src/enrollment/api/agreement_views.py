"""What callers see of the partner agreement and of its signatures."""

from datetime import datetime

from enrollment.agreement import Agreement
from enrollment.api.base_views import View
from enrollment.domain.enrollment.state import Enrollment


class AgreementView(View):
    """``sha256``: of title and text, with an empty line between them."""

    version: str
    language: str
    title: str
    text: str
    sha256: str


class SignatureView(View):
    version: str
    region: str
    language: str
    sha256: str
    signer: str
    at: datetime


class SignaturesView(View):
    enrollment_id: str
    signatures: list[SignatureView]


def agreement_view(agreement: Agreement, culture: str) -> AgreementView:
    language = agreement.language(culture)
    said = agreement.texts[language]
    return AgreementView(
        version=agreement.version, language=language, title=said.title, text=said.text, sha256=said.sha256
    )


def signatures_view(state: Enrollment) -> SignaturesView:
    signed = [SignatureView.model_validate(one) for one in reversed(state.signatures)]
    return SignaturesView(enrollment_id=state.enrollment_id, signatures=signed)
