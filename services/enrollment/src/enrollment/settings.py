"""The settings of enrollment, in addition to those of every service."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

import chassis
from chassis.configuration import SecretFile, SecretLinesFile, readable
from enrollment.checks.watch_list import read_watch_list
from enrollment.domain.enrollment.waits import USUAL, Waits

CheckName = Literal["registration-id", "registry-profile", "other-enrollments"]


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "enrollment"

    hash_secret_file: SecretLinesFile = Field(description="the file with the secret of keyed hashes")
    """The secret of the hashes of access codes: 32 characters or more, never in the database. To replace it, add a new line
    before the old one."""
    document_bytes: int = Field(default=10 * 1024 * 1024, ge=100_000, le=15 * 1024 * 1024)
    """How large an uploaded document may be."""
    document_retention_days: int = Field(default=180, ge=30, le=3650)
    """How long an uploaded document is kept after the decision. Not shorter than a rejection can be appealed."""
    document_scan_command: tuple[str, ...] = ()
    """The command that scans an uploaded document from its standard input; a JSON list in the environment. Exit status 0
    accepts the document and 1 refuses it."""
    document_scan_url: str = ""
    """The server that scans an uploaded document, which it gets by POST. 2xx accepts the document and 422 refuses it."""
    document_scan_seconds: float = Field(default=30.0, gt=0.0)
    """How long a scan may take; after it the upload is answered 503."""
    membership_registry_url: str = ""
    """The address of an external membership registry, which serves `contracts/openapi/membership-registry.yaml`. Empty:
    enrollment's own registry, which operators keep."""
    membership_registry_token_file: SecretFile | None = None
    """The file with the token that the external registry asks for."""
    membership_registry_seconds: float = Field(default=5.0, gt=0.0)
    """How long the external registry may take; after it the request is answered 503."""
    business_checks: tuple[CheckName, ...] = ("registration-id", "registry-profile", "other-enrollments")
    """Automatic checks of a company at the begin of its review; a JSON list in the environment. No result decides."""
    watch_list_file: Annotated[Path, readable(read_watch_list, "a watch list as JSON")] | None = None
    """The file with countries, names and registration ids that need a second reviewer: a JSON object with the lists `countries`,
    `names` and `registration_ids`. It is read again for each check."""
    business_check_url: str = ""
    """The address of a server that checks companies, which serves `contracts/openapi/business-check.yaml`. Empty: none."""
    business_check_token_file: SecretFile | None = None
    """The file with the token that this server asks for."""
    business_check_seconds: float = Field(default=5.0, gt=0.0, le=60.0)
    """How long one automatic check may take; after it the reviewer reads that there is no result."""
    registry_writers: frozenset[str] = frozenset()
    """Sources of messages that may keep profiles of the membership registry; a JSON list in the environment. Empty: every writer
    to `enrollment.commands`; in production none."""
    contact_link_days: int = Field(default=7, ge=1, le=30)
    """How long the link in the mail to the primary contact is valid."""
    draft_days: int = Field(default=USUAL.draft, ge=2, le=3650)
    """How long a draft waits from its last change before it ends. An enrollment keeps the days that held when it began."""
    contact_days: int = Field(default=USUAL.contact, ge=2, le=3650)
    """How long an enrollment waits for its primary contact before it ends."""
    signature_days: int = Field(default=USUAL.signature, ge=2, le=3650)
    """How long an approved enrollment waits for the signature before it ends."""
    reauthorization_days: int = Field(default=USUAL.reauthorization, ge=30, le=3650)
    """From one yearly confirmation of a reseller to the next."""
    reauthorization_notice_days: int = Field(default=USUAL.reauthorization_notice, ge=2, le=3650)
    """How long before it a confirmation is announced; less than the days between two confirmations."""
    enroll_again_days: int = Field(default=USUAL.enroll_again, ge=1, le=3650)
    """How long a company waits that missed a confirmation, before it may enroll again."""
    retention_days: int = Field(default=USUAL.retention, ge=30, le=36500)
    """How long a closed enrollment keeps what it holds about people."""
    review_days: int = Field(default=USUAL.review, ge=1, le=60)
    """Business days until a review is due, and until it is late once more."""
    documents_days: int = Field(default=USUAL.documents, ge=2, le=365)
    """How long the company may take to upload documents that were asked for; then the enrollment is rejected."""
    appeal_days: int = Field(default=USUAL.appeal, ge=1, le=365)
    """How long a rejection can be appealed; not longer than uploaded documents are kept."""
    undo_days: int = Field(default=USUAL.undo, ge=1, le=90)
    """How long the company may ask a primary contact again who has denied."""
    settle_days: int = Field(default=USUAL.settle, ge=1, le=365)
    """How long a partner may take to settle a rejected change of its legal data before it is suspended."""
    mail_domains_refused: frozenset[str] = frozenset()
    """Public mail services that are on no list; a JSON list in the environment."""
    mail_domains_allowed: frozenset[str] = frozenset()
    """Companies' own domains that are on a public list by mistake; stronger than every list."""

    @model_validator(mode="after")
    def _waits_fit(self) -> Self:
        self.check_waits()
        return self

    def check_waits(self) -> None:
        """Raises ValueError for days that do not fit together."""
        if self.reauthorization_notice_days >= self.reauthorization_days:
            raise ValueError("KONTOR_REAUTHORIZATION_NOTICE_DAYS must be less than KONTOR_REAUTHORIZATION_DAYS.")
        if self.appeal_days > self.document_retention_days:
            raise ValueError("KONTOR_APPEAL_DAYS must not be more than KONTOR_DOCUMENT_RETENTION_DAYS.")

    def writers(self) -> frozenset[str] | None:
        """None: every source may keep profiles."""
        return self.registry_writers or (frozenset() if self.environment == "production" else None)

    @property
    def waits(self) -> Waits:
        return Waits(
            draft=self.draft_days,
            contact=self.contact_days,
            signature=self.signature_days,
            reauthorization=self.reauthorization_days,
            reauthorization_notice=self.reauthorization_notice_days,
            enroll_again=self.enroll_again_days,
            retention=self.retention_days,
            review=self.review_days,
            documents=self.documents_days,
            appeal=self.appeal_days,
            undo=self.undo_days,
            settle=self.settle_days,
        )
