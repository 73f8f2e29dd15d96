"""Which messages make waiting mails void, and which mails: their link was replaced or used, or what they ask for is over.

Only mails about the same subject are meant. A mail whose link was replaced is followed by one with the new link. A newer
password reset replaces none: older links stay good until one is used, and a stranger who asks again and again could keep
all mails back.
"""

from collections.abc import Mapping

from kontor_contracts import Payload
from kontor_contracts.enrollment import (
    AcceptanceCancelled,
    AcceptanceMoved,
    AgreementAccepted,
    ContactChangeEnded,
    ContactDenied,
    ContactVerificationRequested,
    ContactVerified,
    EnrollmentExpired,
    EnrollmentWithdrawn,
)
from kontor_contracts.identity import (
    AddressChangeRequested,
    UserAddressChanged,
    UserDeleted,
    UserDisabled,
    UserInvited,
    UserJoined,
    UserPasswordChanged,
)

INVITED, RESET, ADDRESS, CONTACT = "user-invited", "password-reset", "address-change", "contact-verification"
TO_ACCEPT = ("agreement-to-accept",)
TO_USER = (INVITED, RESET, ADDRESS)
PROMPTS = (
    CONTACT,
    "documents-requested",
    "enrollment-reminder",
    "enrollment-approved",
    "review-started",
    "review-delayed",
)
"""What asks somebody to do something for an enrollment, or to wait for its review."""

VOIDED: Mapping[type[Payload], tuple[str, ...]] = {
    UserInvited: (INVITED,),
    UserJoined: (INVITED,),
    UserPasswordChanged: (RESET,),
    AddressChangeRequested: (ADDRESS,),
    UserAddressChanged: (ADDRESS,),
    UserDisabled: TO_USER,
    UserDeleted: TO_USER,
    ContactVerificationRequested: (CONTACT,),
    ContactVerified: (CONTACT,),
    ContactDenied: PROMPTS,
    EnrollmentWithdrawn: PROMPTS,
    EnrollmentExpired: PROMPTS,
    AgreementAccepted: TO_ACCEPT,
    ContactChangeEnded: ("contact-change-confirm", "contact-change-noticed"),
    AcceptanceMoved: TO_ACCEPT,
    AcceptanceCancelled: TO_ACCEPT,
}
"""By message: the templates of the mails that are not to be sent any more."""

WITHDRAWABLE = frozenset(template for templates in VOIDED.values() for template in templates)
