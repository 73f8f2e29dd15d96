"""The settings of enrollment, in addition to those of every service."""

from typing import ClassVar

from pydantic import Field

import chassis
from chassis.configuration import HashSecretFile, SecretFile


class Settings(chassis.Settings):
    SERVICE: ClassVar[str] = "enrollment"

    hash_secret_file: HashSecretFile = Field(description="the file with the secret of keyed hashes")
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
    contact_link_days: int = Field(default=7, ge=1, le=30)
    """How long the link in the mail to the primary contact is valid."""
    mail_domains_refused: frozenset[str] = frozenset()
    """Public mail services that are on no list; a JSON list in the environment."""
    mail_domains_allowed: frozenset[str] = frozenset()
    """Companies' own domains that are on a public list by mistake; stronger than every list."""
