"""What each endpoint asks of its caller, as data: `test_permissions` holds every service to it.

A new endpoint needs a line here: `tests/unit/test_endpoint_tables.py` asks for it. What a role
permits is not said here, but in identity's matrix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.enrollment.company import ADDRESS, SUPPORT

PUBLIC = "public"
SIGNED_IN = "signed-in"
PERSON = {"full_name": "Zoë Brown", "culture": "en"}


@dataclass(frozen=True, slots=True)
class Door:
    """``needs``: a permission, or one of several, or what depends on the kind of the caller's organization.

    ``own``: which of the caller's own things to ask for where there are several. ``body`` is a good one, which is sent
    where the answer must be no whatever the body says; where it may be yes, a bad body comes first, and nothing changes.
    ``seen_by``: kinds of organizations to which others' things are open, too. ``sends``: the good body also there, because
    who may depends on it.
    """

    method: str
    path: str
    needs: str | tuple[str, ...] | Mapping[str, str | tuple[str, ...]]
    body: Any = None
    own: Mapping[str, str] = field(default_factory=dict)
    seen_by: tuple[str, ...] = ()
    sends: bool = False
    query: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    def needed(self, kind: str) -> tuple[str, ...]:
        """One of these; none: no permission helps in such an organization."""
        if isinstance(self.needs, Mapping):
            needed = self.needs.get(kind, ())
            return (needed,) if isinstance(needed, str) else needed
        return (self.needs,) if isinstance(self.needs, str) else self.needs


CHECKED = dict.fromkeys(("customer", "operator"), "authorizations:check")
PARTNERS_CHECKING = dict.fromkeys(("provider", "reseller", "operator"), "authorizations:check")
MAIL_ORDER = {"reason": "The relay refused it by mistake."}
LIFTING = {"note": "The mailbox exists now."}
ENDING = {"reason": "We work with another company now."}
RECIPIENT = {"name": "Käthe Süß", "email": "kaethe.suess@kunde.example", "culture": "de"}
CONTACT = {"name": "Anna Schäfer", "email": "anna@firma.example", "phone": "+49 221 1234567", "culture": "de"}
MEMBERSHIP = {"membership_account": "a@membership.example", "access_code": "x" * 20}
REGISTRY_PROFILE = {
    **MEMBERSHIP,
    "company_name": "Müller & Söhne IT GmbH",
    "country": "DE",
    "status": "active",
    "kind": "location",
}
EDITION = {
    "version": "2027-06",
    "regions": ["japan"],
    "texts": [{"language": "en", "title": "Partner agreement", "text": "1. Subject."}],
    "accept_until": "2027-11-02T09:00:00Z",
}
NEW_USER = {**PERSON, "email": "new@company.example", "roles": []}
ORGANIZATION = "/v1/organizations/{organization_id}"
ENROLLMENT = "/v1/enrollments/{enrollment_id}"
REVIEW_FILE = "/v1/reviews/{enrollment_id}"
INVITATION = "/v1/invitations/{invitation_id}"
PARTNERSHIP = "/v1/partnerships/{partnership_id}"
PARTNERSHIP_REQUEST = "/v1/partnership-requests/{partnership_request_id}"
SUBSCRIPTION = "/v1/customers/{customer_id}/subscriptions/{subscription_id}/reseller-of-record"
RECORDS_READ = {**dict.fromkeys(("provider", "reseller", "customer"), "customers:read"), "operator": "partners:read"}
PARTNER = "/v1/partners/{organization_id}"
BY_RESELLER = {"reseller": "partnerships:authorize"}
INVITING = {"provider": "partnerships:invite", "reseller": "customers:invite"}
EVIDENCE: Mapping[str, str | tuple[str, ...]] = {
    "provider": "customers:read",
    "customer": ("customers:read", "invitations:accept-as-customer"),
}
GRANTING = ("grants:request", "grants:approve")
LOOKING = {"provider": "partnerships:read", "reseller": "customers:read"}

IDENTITY = (
    Door("POST", "/v1/sign-up", PUBLIC),
    Door("POST", "/v1/address-proofs", PUBLIC),
    Door("GET", "/verify-address", PUBLIC),
    Door("POST", "/verify-address", PUBLIC),
    Door("POST", "/v1/token", PUBLIC),
    Door("GET", "/.well-known/jwks.json", PUBLIC),
    Door("GET", "/join/{user_id}", PUBLIC),
    Door("POST", "/join/{user_id}", PUBLIC),
    Door("POST", "/v1/token/revoke", PUBLIC),
    Door("POST", "/v1/password-resets", PUBLIC),
    Door("POST", "/v1/password-resets/redeem", PUBLIC),
    Door("GET", "/reset-password", PUBLIC),
    Door("POST", "/reset-password", PUBLIC),
    Door("GET", "/authorize", PUBLIC),
    Door("POST", "/token", PUBLIC),
    Door("GET", "/.well-known/openid-configuration", PUBLIC),
    Door("GET", "/.well-known/oauth-authorization-server", PUBLIC),
    Door("GET", "/userinfo", "openid"),
    Door("GET", "/end-session", PUBLIC),
    Door("POST", "/end-session", PUBLIC),
    Door("GET", "/sign-in", PUBLIC),
    Door("POST", "/sign-in", PUBLIC),
    Door("POST", "/sign-in-code", PUBLIC),
    Door("POST", "/sign-in-password", PUBLIC),
    Door("GET", "/forgotten-password", PUBLIC),
    Door("POST", "/forgotten-password", PUBLIC),
    Door("GET", "/create-account", PUBLIC),
    Door("POST", "/create-account", PUBLIC),
    Door("POST", "/sign-out", PUBLIC),
    Door("GET", "/v1/external", PUBLIC),
    Door("GET", "/v1/external/{name}", PUBLIC),
    Door("GET", "/v1/external/{name}/callback", PUBLIC),
    Door("GET", "/v1/me", SIGNED_IN),
    Door("GET", "/v1/me/sessions", SIGNED_IN),
    Door("DELETE", "/v1/me/sessions", SIGNED_IN),
    Door("DELETE", "/v1/me/sessions/{session_id}", SIGNED_IN),
    Door("GET", "/v1/me/second-factor", SIGNED_IN),
    Door("POST", "/v1/me/second-factor", SIGNED_IN),
    Door("POST", "/v1/me/second-factor/confirm", SIGNED_IN),
    Door("POST", "/v1/me/second-factor/recovery-codes", SIGNED_IN),
    Door("POST", "/v1/me/second-factor/off", SIGNED_IN),
    Door("PUT", "/v1/me/password", SIGNED_IN),
    Door("GET", "/v1/me/access", SIGNED_IN),
    Door("POST", "/v1/me/address", SIGNED_IN),
    Door("GET", "/change-address", PUBLIC),
    Door("POST", "/change-address", PUBLIC),
    Door("PUT", "/v1/me/profile", SIGNED_IN),
    Door("GET", "/v1/roles", SIGNED_IN),
    Door("GET", "/v1/users", "users:read"),
    Door("GET", "/v1/users/export", "users:read"),
    Door("POST", "/v1/users", "users:write"),
    Door("POST", "/v1/users/invite", "users:write"),
    Door("GET", "/v1/users/imports/{import_id}", "users:write"),
    Door("POST", "/v1/users/import", "users:write"),
    Door("GET", "/v1/users/{user_id}", "users:read"),
    Door("PUT", "/v1/users/{user_id}", "users:manage", PERSON),
    Door("PUT", "/v1/users/{user_id}/roles", ("users:roles", "users:write"), {"roles": []}),
    Door("POST", "/v1/users/{user_id}/invitation/renew", "users:write"),
    Door("POST", "/v1/users/{user_id}/disable", "users:manage"),
    Door("POST", "/v1/users/{user_id}/enable", "users:manage"),
    Door("POST", "/v1/users/{user_id}/delete", "users:manage", own={"user_id": "doomed"}),
    Door("POST", "/v1/users/{user_id}/restore", "users:manage"),
    Door("POST", "/v1/users/{user_id}/purge", "users:purge"),
    Door("DELETE", "/v1/users/{user_id}/second-factor", "users:write"),
    Door("GET", ORGANIZATION, "organization:read", seen_by=("operator",)),
    Door("PUT", ORGANIZATION, "organization:write", {"name": "Another", "culture": "de"}),
    Door("PUT", ORGANIZATION + "/registration", "organization:write", {"country": "AT", "kind": "customer"}),
    Door("POST", ORGANIZATION + "/close", "organization:close", {"confirm": True}, seen_by=("operator",)),
    Door("POST", ORGANIZATION + "/reopen", "organization:reopen", seen_by=("operator",)),
    Door("GET", ORGANIZATION + "/domains", "organization:read"),
    Door("POST", ORGANIZATION + "/domains", "domains:write", {"domain": "another.example"}),
    Door("POST", ORGANIZATION + "/domains/{domain}/verify", "domains:write"),
    Door("POST", ORGANIZATION + "/domains/{domain}/release", "domains:write", own={"domain": "doomed_domain"}),
    Door("GET", "/v1/audit", "audit:read"),
    Door("GET", "/v1/audit/export", "audit:read"),
)
CORRECTING = ("enrollment:submit", "enrollment:review")
ENDING_AGREEMENT = ("enrollment:sign-agreement", "enrollment:review")
REVIEWED = ("enrollment:read", "enrollment:review")
ENROLLMENTS = (
    Door("GET", "/verify-contact/{enrollment_id}", PUBLIC),
    Door("POST", "/verify-contact/{enrollment_id}", PUBLIC),
    Door("GET", "/contact-change/{enrollment_id}", PUBLIC),
    Door("POST", "/contact-change/{enrollment_id}", PUBLIC),
    Door("GET", "/v1/markets", PUBLIC),
    Door("GET", "/v1/markets/{country}/checklist", PUBLIC),
    Door("POST", "/v1/partner-profiles/import", "profiles:import"),
    Door("GET", "/v1/partner-profiles/imports/{import_id}", "profiles:import"),
    Door("GET", "/v1/partner-profiles", "profiles:import"),
    Door("GET", "/v1/partner-profiles/{partner_id}", "profiles:import", seen_by=("operator",)),
    Door("PUT", "/v1/partner-profiles/{partner_id}", "profiles:import", REGISTRY_PROFILE, seen_by=("operator",)),
    Door("POST", "/v1/partner-profiles/lookup", "enrollment:submit"),
    Door("GET", "/v1/enrollments", REVIEWED),
    Door("POST", "/v1/enrollments", "enrollment:submit"),
    Door("GET", ENROLLMENT, REVIEWED, seen_by=("operator",)),
    Door("PUT", ENROLLMENT + "/partner-id", "enrollment:submit", {**MEMBERSHIP, "partner_id": "4711001"}),
    Door(
        "PUT",
        ENROLLMENT + "/profile",
        CORRECTING,
        {"company_name": "Müller & Söhne", "address": ADDRESS, "registration_id": None},
        seen_by=("operator",),
    ),
    Door("PUT", ENROLLMENT + "/primary-contact", CORRECTING, CONTACT, seen_by=("operator",)),
    Door("PUT", ENROLLMENT + "/support-contact", CORRECTING, SUPPORT, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/partner-id/postpone", "enrollment:submit"),
    Door("POST", ENROLLMENT + "/validate", "enrollment:submit", {"support_contact": SUPPORT}),
    Door("DELETE", ENROLLMENT, CORRECTING, seen_by=("operator",)),
    Door(
        "POST",
        ENROLLMENT + "/join",
        "enrollment:submit",
        {**MEMBERSHIP, "partner_id": "4711001", "support_contact": SUPPORT},
    ),
    Door("POST", ENROLLMENT + "/submit", "enrollment:submit"),
    Door("POST", ENROLLMENT + "/contact-verification/resend", CORRECTING, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/appeal", "enrollment:submit", {"statement": "We moved."}),
    Door("POST", ENROLLMENT + "/withdraw", CORRECTING, {"explanation": None}, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/review", "enrollment:review", {"decision": "approve"}, seen_by=("operator",)),
    Door("PUT", ENROLLMENT + "/legal-name", "enrollment:review", {"name": "Another SE"}, seen_by=("operator",)),
    Door(
        "PUT",
        ENROLLMENT + "/legal-change",
        "enrollment:submit",
        {"company_name": "Müller & Söhne", "address": ADDRESS, "registration_id": None},
    ),
    Door("POST", ENROLLMENT + "/legal-change/withdraw", CORRECTING, seen_by=("operator",)),
    Door(
        "POST", ENROLLMENT + "/legal-change/review", "enrollment:review", {"decision": "accept"}, seen_by=("operator",)
    ),
    Door("GET", "/v1/legal-changes", "enrollment:review"),
    Door("POST", ENROLLMENT + "/reauthorization/confirm", "enrollment:sign-agreement", {"confirmed": ["contacts"]}),
    Door(
        "PUT",
        ENROLLMENT + "/reauthorization",
        "enrollment:review",
        {"due_at": "2027-11-02T09:00:00Z"},
        seen_by=("operator",),
    ),
    Door("POST", ENROLLMENT + "/wait/end", "enrollment:review", {"explanation": None}, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/suspend", "enrollment:review", {"reason": "abuse"}, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/reinstate", "enrollment:review", {"reason": "cause-cleared"}, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/notice", ENDING_AGREEMENT, {"at_once": False}, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/notice/withdraw", ENDING_AGREEMENT, seen_by=("operator",)),
    Door("GET", ENROLLMENT + "/timeline", REVIEWED, seen_by=("operator",)),
    Door("GET", "/v1/reviews", "enrollment:review"),
    Door("GET", "/v1/reviews/counts", "enrollment:review"),
    Door("GET", REVIEW_FILE, "enrollment:review", seen_by=("operator",)),
    Door("POST", REVIEW_FILE + "/claim", "enrollment:review", {"take_over": False}, seen_by=("operator",)),
    Door("POST", REVIEW_FILE + "/release", "enrollment:review", seen_by=("operator",)),
    Door("POST", REVIEW_FILE + "/notes", "enrollment:review", {"text": "Looks fine."}, seen_by=("operator",)),
    Door(
        "POST",
        REVIEW_FILE + "/mailbox-exceptions",
        "enrollment:review",
        {"email": "info@firma.example", "reason": "The owner reads it alone."},
        seen_by=("operator",),
    ),
    Door(
        "POST",
        REVIEW_FILE + "/mailbox-exceptions/withdraw",
        "enrollment:review",
        {"email": "info@firma.example"},
        seen_by=("operator",),
    ),
    Door("POST", REVIEW_FILE + "/checks/repeat", "enrollment:review", seen_by=("operator",)),
    Door("POST", REVIEW_FILE + "/risk", "enrollment:review", {"high": False}, seen_by=("operator",)),
    Door(
        "POST",
        REVIEW_FILE + "/documents",
        "enrollment:review",
        {"step": "business", "documents": [{"kind": "lease"}]},
        seen_by=("operator",),
    ),
    Door("POST", REVIEW_FILE + "/documents/withdraw", "enrollment:review", seen_by=("operator",)),
    Door("GET", ENROLLMENT + "/documents", CORRECTING, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/documents/{document_id}/files", "enrollment:submit", query="?name=lease.pdf"),
    # There is no file here, so an operator finds none, either; `enrollment/test_documents.py` has one.
    Door("GET", ENROLLMENT + "/documents/{document_id}/files/{file_id}", CORRECTING),
    Door("DELETE", ENROLLMENT + "/documents/{document_id}/files/{file_id}", "enrollment:submit"),
    Door("POST", ENROLLMENT + "/contact-change", "enrollment:sign-agreement", CONTACT),
    Door("POST", ENROLLMENT + "/contact-change/withdraw", ENDING_AGREEMENT, seen_by=("operator",)),
    Door("PUT", ENROLLMENT + "/contact-correction", "enrollment:review", CONTACT, seen_by=("operator",)),
    Door("GET", "/v1/agreements/current", REVIEWED),
    Door("GET", "/v1/agreements/editions", "agreements:publish"),
    Door("POST", "/v1/agreements/editions", "agreements:publish", EDITION),
    # No version was published here, so an operator finds none, either; `enrollment/test_editions.py` has one.
    Door("GET", "/v1/agreements/editions/{version}", "agreements:publish"),
    Door("POST", "/v1/agreements/editions/{version}/withdraw", "agreements:publish"),
    Door(
        "PUT",
        ENROLLMENT + "/agreement/date",
        "enrollment:review",
        {"accept_until": "2027-11-02T09:00:00Z"},
        seen_by=("operator",),
    ),
    Door("GET", ENROLLMENT + "/agreement", REVIEWED, seen_by=("operator",)),
    Door("GET", ENROLLMENT + "/agreement.txt", REVIEWED, seen_by=("operator",)),
    Door("POST", ENROLLMENT + "/agreement", "enrollment:sign-agreement", {"version": "2026-11", "accepted": True}),
)
RELATIONSHIPS = (
    Door("GET", "/invitations/{invitation_id}", PUBLIC),
    Door("POST", "/invitations/{invitation_id}", PUBLIC),
    Door("GET", "/invitations/{invitation_id}/sign-in", PUBLIC),
    Door("GET", "/invitations/{invitation_id}/decline", PUBLIC),
    Door("POST", "/invitations/{invitation_id}/decline", PUBLIC),
    Door("POST", "/invitations/{invitation_id}/ask", PUBLIC),
    Door("GET", "/invitations/{invitation_id}/evidence", PUBLIC),
    Door("GET", "/signed-in", PUBLIC),
    Door(
        "POST",
        "/v1/invitations",
        INVITING,
        {"provider": {"kind": "partnership", "recipient": RECIPIENT}, "": {"kind": "customer", "recipient": RECIPIENT}},
    ),
    Door("GET", "/v1/invitations", ("partnerships:read", "customers:read")),
    Door("GET", INVITATION, LOOKING),
    Door("PUT", INVITATION + "/mail", INVITING, {"subject": "Hello", "body": "{link}"}),
    Door("POST", INVITATION + "/send", INVITING),
    Door("POST", INVITATION + "/resend", INVITING),
    Door("POST", INVITATION + "/revoke", INVITING, own={"invitation_id": "doomed"}),
    # Everybody sees the invitations at the own address.
    Door("GET", "/v1/invitations/incoming", SIGNED_IN),
    Door("GET", INVITATION + "/message", INVITING),
    Door("GET", INVITATION + "/message.eml", INVITING),
    Door("POST", INVITATION + "/sent-by-me", INVITING, own={"invitation_id": "handed_over"}),
    Door("GET", INVITATION + "/evidence", EVIDENCE, own={"invitation_id": "accepted"}),
    Door("GET", INVITATION + "/evidence.txt", EVIDENCE, own={"invitation_id": "accepted"}),
    Door("PUT", INVITATION + "/access", INVITING, {"anyone_with_link": True}),
    Door(
        "POST",
        INVITATION + "/access-requests",
        {"reseller": "partnerships:authorize", "customer": "invitations:accept-as-customer"},
        {"reseller": {"token": "{partnership_token}"}, "": {"token": "{customer_token}"}},
        own={"invitation_id": "received"},
        sends=True,
    ),
    Door("POST", INVITATION + "/access-requests/{request_id}/confirm", INVITING),
    Door("POST", INVITATION + "/access-requests/{request_id}/refuse", INVITING),
    # Who holds the link may say no.
    Door("POST", INVITATION + "/decline", SIGNED_IN, {"token": "wrong"}),
    Door(
        "POST",
        INVITATION + "/accept",
        {"reseller": "partnerships:authorize", "customer": "invitations:accept-as-customer"},
        {
            "reseller": {"token": "{partnership_token}", "consent": False},
            "": {"token": "{customer_token}", "consent": False},
        },
        own={"invitation_id": "received"},
        sends=True,
    ),
    Door("GET", "/v1/providers", "partnerships:read"),
    Door("GET", "/v1/resellers", "partnerships:read"),
    Door("GET", PARTNERSHIP, "partnerships:read"),
    Door("POST", PARTNERSHIP + "/end", "partnerships:end", {"reason": "other"}),
    Door("PUT", PARTNERSHIP + "/admin-access", BY_RESELLER, {"consent": True}),
    Door("DELETE", PARTNERSHIP + "/admin-access", BY_RESELLER),
    Door("GET", "/v1/partners", "partners:read"),
    Door("GET", PARTNER, "partners:read", seen_by=("operator",)),
    Door("GET", "/v1/directory/providers", PUBLIC),
    Door("GET", "/v1/directory/providers/{organization_id}", PUBLIC),
    Door("POST", "/v1/resellers/validate", {"provider": "partnerships:read"}, {"partner_ids": ["4711001"]}),
    Door("PUT", SUBSCRIPTION, {"provider": "subscriptions:assign"}, {"partner_id": "4711001"}),
    Door("GET", "/v1/resellers-of-record", RECORDS_READ),
    Door("GET", "/v1/resellers-of-record/{record_id}", RECORDS_READ, seen_by=("operator",)),
    Door(
        "POST",
        "/v1/resellers-of-record/{record_id}/end",
        {"provider": "subscriptions:assign", "reseller": "customers:end", "operator": "relationships:end"},
        {},
        own={"record_id": "ended_record"},
        seen_by=("operator",),
    ),
    Door("GET", "/v1/partnership-requests", "partnerships:read"),
    Door("POST", "/v1/partnership-requests", "partnerships:request", {"provider_id": "nobody"}),
    Door("GET", PARTNERSHIP_REQUEST, "partnerships:read"),
    Door("POST", PARTNERSHIP_REQUEST + "/withdraw", "partnerships:request"),
    Door("POST", PARTNERSHIP_REQUEST + "/accept", "partnerships:invite"),
    Door("POST", PARTNERSHIP_REQUEST + "/decline", "partnerships:invite", {"reason": "other"}),
    Door("GET", "/v1/directory/profile", "partnerships:read"),
    Door("PUT", "/v1/directory/profile", "directory:publish", {"languages": ["de"]}),
    Door("POST", "/v1/directory/profile/publish", "directory:publish"),
    Door("POST", "/v1/directory/profile/unpublish", "directory:publish"),
    Door("GET", "/v1/customers", "customers:read"),
    Door("GET", "/v1/customers/export", "customers:read"),
    Door("GET", "/v1/customers/{customer_id}", "customers:read"),
    Door("PUT", "/v1/customers/{customer_id}/channel", "customers:invite", {"channel": "referral"}),
    Door("GET", "/v1/providers/{provider_id}/customers", "customers:read"),
    Door("GET", "/v1/resellers/{reseller_id}/customers", "customers:read"),
    Door("POST", "/v1/customers/{customer_id}/end", "customers:end", ENDING),
    Door(
        "POST",
        "/v1/customers/{customer_id}/partners/{partner_id}/end",
        "relationships:end",
        ENDING,
        seen_by=("operator",),
    ),
    Door("GET", "/v1/me/resellers", "customers:read"),
    Door("GET", "/v1/me/matches", "customers:read"),
    Door("POST", "/v1/me/matches/{imported_id}/confirm", "invitations:accept-as-customer"),
    Door("POST", "/v1/me/matches/{imported_id}/undo", "resellers:end"),
    Door("POST", "/v1/customers/{customer_id}/matches/{imported_id}/undo", "customers:end"),
    Door(
        "POST",
        "/v1/customers/{customer_id}/matches/{imported_id}/undo-for-the-program",
        "relationships:end",
        seen_by=("operator",),
    ),
    Door(
        "POST",
        "/v1/customers/{customer_id}/admin-grants",
        "grants:request",
        {"name": "Help", "roles": ["global-reader"]},
    ),
    Door("GET", "/v1/admin-grants", "customers:read"),
    Door("GET", "/v1/admin-grants/{grant_id}", "customers:read"),
    Door("POST", "/v1/admin-grants/{grant_id}/approve", "grants:approve", own={"grant_id": "open_grant"}),
    # Each side needs its own permission, which is known once the grant is.
    Door("POST", "/v1/admin-grants/{grant_id}/end", GRANTING, ENDING, own={"grant_id": "ended_grant"}),
    Door("PUT", "/v1/admin-grants/{grant_id}/auto-extension", GRANTING, {"days": 0}),
    Door("POST", "/v1/me/resellers/{partner_id}/end", "resellers:end", ENDING),
    Door("GET", "/v1/authorizations/check", "authorizations:check", query="?customer_id={asked_customer}&action=order"),
    Door("POST", "/v1/authorizations/check-batch", "authorizations:check"),
    Door("GET", "/v1/authorizations/customers", PARTNERS_CHECKING, query="?action=view"),
    Door("GET", "/v1/authorizations/partners", CHECKED, query="?action=view"),
)
NOTIFICATIONS = (
    Door("GET", "/v1/mails", "mails:read"),
    Door("GET", "/v1/mails/{mail_id}", "mails:read", seen_by=("operator",)),
    Door("POST", "/v1/mails/retry", "mails:manage", MAIL_ORDER),
    Door("POST", "/v1/mails/{mail_id}/retry", "mails:manage", MAIL_ORDER, seen_by=("operator",)),
    Door("POST", "/v1/mails/{mail_id}/resend", "mails:manage", MAIL_ORDER, seen_by=("operator",)),
    Door("POST", "/v1/mails/{mail_id}/withdraw", "mails:manage", MAIL_ORDER, seen_by=("operator",)),
    Door("GET", "/v1/me/mail-preferences", SIGNED_IN),
    Door("PUT", "/v1/me/mail-preferences", SIGNED_IN, {"muted": ["reminders"]}),
    Door("GET", "/mail-preferences", PUBLIC),
    Door("POST", "/mail-preferences", PUBLIC),
    Door("GET", "/v1/suppressions", "mails:manage"),
    Door("POST", "/v1/suppressions", "mails:manage", {"email": "no@more.example", "note": "asked for it"}),
    Door("GET", "/v1/suppressions/{suppression_id}", "mails:manage", seen_by=("operator",)),
    Door("POST", "/v1/suppressions/{suppression_id}/lift", "mails:manage", LIFTING, seen_by=("operator",)),
)

DOORS: Mapping[str, tuple[Door, ...]] = {
    "identity": IDENTITY,
    "enrollment": ENROLLMENTS,
    "relationships": RELATIONSHIPS,
    "notifications": NOTIFICATIONS,
}

WITHOUT_A_KEY: Mapping[str, str] = {
    "/v1/enrollments/{enrollment_id}/validate": "it changes nothing",
    "/v1/address-proofs": "the link works once; the same proof again gets the same answer",
    "/verify-address": "a form of a page; its link works once",
    "/v1/token": "each sign-in is a session of its own; a refresh token sent again gives the same successor",
    "/v1/me/second-factor": "its secret is shown once and not kept; the last one that was shown counts",
    "/v1/me/second-factor/confirm": "the codes are shown once and not kept; a one-time code counts once",
    "/v1/me/second-factor/recovery-codes": "the codes are shown once and not kept; a one-time code counts once",
    "/v1/me/second-factor/off": "a one-time code counts once",
    "/join/{user_id}": "a form of a page; its link works once",
    "/reset-password": "a form of a page; its link works once",
    "/contact-change/{enrollment_id}": "a form of a page; its link works once",
    "/verify-contact/{enrollment_id}": "a form of a page; its link works once",
    **dict.fromkeys(
        ("/sign-in", "/sign-in-code", "/sign-in-password"), "a form of a page; each sign-in is one of its own"
    ),
    "/v1/me/address": "a newer request replaces an older one's link",
    "/change-address": "a form of a page; its link works once",
    **dict.fromkeys(("/sign-out", "/end-session"), "a form of a page; a session ends once"),
    "/forgotten-password": "a form of a page",
    "/create-account": "a form of a page; a newer sign-up replaces an older one",
    "/token": "a code counts once",
    "/invitations/{invitation_id}": "a form of a page; accepted again, the answer is the same",
    "/invitations/{invitation_id}/ask": "a form of a page; a company asks once",
    "/invitations/{invitation_id}/decline": "a form of a page; declined again, the answer is the same",
    "/mail-preferences": "a form of a page; the same choice again changes nothing",
    "/v1/partner-profiles/lookup": "it changes nothing",
    "/v1/authorizations/check-batch": "it changes nothing",
    "/v1/resellers/validate": "it changes nothing",
}
"""POST endpoints that take no Idempotency-Key, and why. All others do."""
