"""How personal each text in a message is, as data: for retention, for masking, for who may read a topic.

A text that is not listed has no class, and a test fails until it has one. Numbers, moments, yes or no, and values of closed
lists say nothing about a person by themselves. A secret is in no message: links are sealed for notifications alone.
"""

from collections.abc import Mapping
from typing import Literal

PersonalClass = Literal["none", "id", "company", "words", "contact", "sealed"]
"""``id``: names a person, a company or a thing by a number that says nothing without Kontor's database. ``company``: what a
company publishes about itself. ``words``: what a person wrote; it may name people. ``contact``: a person's name, address,
number or language. ``sealed``: a personal link that only notifications can open.
"""

ORDER: tuple[PersonalClass, ...] = ("none", "id", "company", "words", "contact", "sealed")
"""From the least to the most."""

_IDS = """
accepted_by accepting_organization_id added_by appealed_by approved_by by by_organization_id cause_id cause_subject
changed_by closed_by command_id confirmed_by corrected_by customer_id drafted_by ended_by ended_by_user enrolled_by
enrollment_id erased_by external_id former_customer_id given_by grant_id granted_by imported_id invitation_id invited_by
inviter_id mail_id moved_by notice_id organization_id partner_id partnership_id proposed_by provider_id published_by
provider_partner_id received_from record_id registered_by reinstated_by rejected_by reopened_by request_id requested_by
requester_id requesting_organization_id reseller_id reviewed_by same_as sent_by session_id set_by signed_by started_by
subscription_id suspended_by undone_by_user user_id withdrawn_by
"""
_NONE = """
added agreement_version check command_source command_type consent_language countries_served country detail dropped failure
field languages locations muted portal previous_country previous_version region regions removed role roles template
text_sha256
version
"""
_COMPANY = """
accepting_organization_name city company_name customer_name domain imported_name industries linkedin logo_url name
organization_name partner_name previous_name products requesting_organization_name website
"""
_WORDS = "comment note consent consent_words description explanation mail_body mail_subject message new old reason"
_CONTACT = "address culture email full_name language membership_account phone previous_culture previous_full_name"

BY_NAME: Mapping[str, PersonalClass] = {
    **dict.fromkeys(_IDS.split(), "id"),
    **dict.fromkeys(_NONE.split(), "none"),
    **dict.fromkeys(_COMPANY.split(), "company"),
    **dict.fromkeys(_WORDS.split(), "words"),
    **dict.fromkeys(_CONTACT.split(), "contact"),
    "sealed_link": "sealed",
    # A code.
    "MailSkipped.reason": "none",
    "sealed_objection": "sealed",
    # A person, where the model is one.
    "Recipient.name": "contact",
}
"""By the field's name, or by ``Model.field`` where it means something else there."""


def class_of(model: str, field: str) -> PersonalClass | None:
    """None: a text that nobody has put into a class yet."""
    return BY_NAME.get(f"{model}.{field}", BY_NAME.get(field))
