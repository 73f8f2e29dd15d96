"""Texts in a partner's name: the draft of the mail, and the consent of an acceptance.

Partners may rewrite the mail, but not the consent. Every acceptance keeps the version of its consent, so a changed text
needs a new version (a test compares).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from chassis import Language, language_of
from kontor_contracts.relationships import InvitationKind
from kontor_contracts.values import Partner, Recipient
from relationships.domain.invitation.state import LINK, Evidence, Invitation, Mail

# -- the draft of the mail

_SUBJECTS: Mapping[Language, Mapping[InvitationKind, str]] = {
    "de": {
        "partnership": "{inviter} möchte Ihr Anbieter sein",
        "customer": "{inviter} möchte für Sie tätig werden",
        "customer-joint": "{inviter} und {provider} möchten für Sie tätig werden",
    },
    "en": {
        "partnership": "{inviter} would like to be your provider",
        "customer": "{inviter} would like to work for you",
        "customer-joint": "{inviter} and {provider} would like to work for you",
    },
}

_REQUESTS: Mapping[Language, Mapping[InvitationKind, str]] = {
    "de": {
        "partnership": "{inviter} möchte als indirekter Anbieter mit Ihnen zusammenarbeiten.",
        "customer": "{inviter} möchte Sie im Partnerportal als Kunden betreuen.",
        "customer-joint": (
            "{inviter} möchte Sie im Partnerportal als Kunden betreuen, gemeinsam mit {provider}: "
            "{inviter} verwaltet Ihr Konto, {provider} bestellt für Sie."
        ),
    },
    "en": {
        "partnership": "{inviter} would like to work with you as your indirect provider.",
        "customer": "{inviter} would like to look after you as a customer in the partner portal.",
        "customer-joint": (
            "{inviter} would like to look after you as a customer in the partner portal, together with {provider}: "
            "{inviter} administers your account, {provider} places your orders."
        ),
    },
}

_BODIES: Mapping[Language, str] = {
    "de": (
        "Guten Tag {recipient},\n\n{request}\n\n"
        "Unter diesem persönlichen Link sehen Sie, was das bedeutet, und können zustimmen:\n{link}\n\n"
        "Mit freundlichen Grüßen\n{sender}\n{inviter}\n"
    ),
    "en": (
        "Hello {recipient},\n\n{request}\n\n"
        "This personal link shows what that means and lets you agree:\n{link}\n\n"
        "Kind regards\n{sender}\n{inviter}\n"
    ),
}

MAX_SUBJECT = 200


def draft_mail(
    kind: InvitationKind, *, inviter: Partner, provider: Partner | None, recipient: Recipient, sender: str
) -> Mail:
    """A mail in the recipient's language, ready to be sent. ``sender``: the name of the user who drafts it."""
    language = language_of(recipient.culture)
    names = {
        "inviter": inviter.name,
        "provider": provider.name if provider else "",
        "recipient": recipient.name,
        "sender": sender,
    }
    request = _REQUESTS[language][kind].format(**names)
    return Mail(
        subject=_SUBJECTS[language][kind].format(**names)[:MAX_SUBJECT].strip(),
        body=_BODIES[language].format(**names, request=request, link=LINK),
    )


# -- what accepting means


@dataclass(frozen=True, slots=True)
class Consent:
    version: str
    points: Mapping[Language, tuple[str, ...]]


ConsentKind = Literal["partnership", "customer-of-reseller", "customer-of-provider", "customer-joint"]

CONSENTS: Mapping[ConsentKind, Consent] = {
    "partnership": Consent(
        "partnership-2026-11",
        {
            "de": (
                "{inviter} darf für Ihre Kunden Bestellungen aufgeben und Abonnements hinzufügen.",
                "{inviter} erhält Administratorzugriff auf das Arbeitskonto Ihres Unternehmens.",
                "Diesen Zugriff können Sie später entziehen, ohne die Partnerschaft zu beenden.",
                "Kunden werden dadurch nicht geteilt: weder Ihre mit {inviter} noch umgekehrt.",
            ),
            "en": (
                "{inviter} may place orders and add subscriptions for your customers.",
                "{inviter} gets administrator access to your company's work account.",
                "You can take this access away later without ending the partnership.",
                "No customers are shared by this: neither yours with {inviter} nor the other way round.",
            ),
        },
    ),
    "customer-of-reseller": Consent(
        "customer-of-reseller-2026-11-28",
        {
            "de": (
                "{inviter} wird Ihr Handelspartner.",
                "{inviter} darf Ihr Konto in Ihrem Auftrag verwalten: Abonnements, Lizenzen und Benutzer.",
            ),
            "en": (
                "{inviter} becomes your reseller of record.",
                "{inviter} may administer your account on your behalf: subscriptions, licences and users.",
            ),
        },
    ),
    "customer-of-provider": Consent(
        "customer-of-provider-2026-11-28",
        {
            "de": ("{inviter} wird Ihr Anbieter.", "{inviter} darf in Ihrem Auftrag bestellen."),
            "en": ("{inviter} becomes your provider.", "{inviter} may place orders on your behalf."),
        },
    ),
    "customer-joint": Consent(
        "customer-joint-2026-11-28",
        {
            "de": (
                "{inviter} und {provider} werden zusammen Ihre Handelspartner.",
                "{inviter} darf Ihr Konto in Ihrem Auftrag verwalten: Abonnements, Lizenzen und Benutzer.",
                "{provider} darf in Ihrem Auftrag bestellen.",
            ),
            "en": (
                "{inviter} and {provider} become your resellers of record together.",
                "{inviter} may administer your account on your behalf: subscriptions, licences and users.",
                "{provider} may place orders on your behalf.",
            ),
        },
    ),
}


BOX: Mapping[Language, str] = {
    "de": "Ich habe das gelesen und stimme im Namen meines Unternehmens zu.",
    "en": "I have read this and agree on behalf of my company.",
}
"""The text at the box that the person who accepts has to tick."""


def consent_to(invitation: Invitation) -> Consent:
    """The consent that accepting this invitation needs."""
    if invitation.kind != "customer":
        return CONSENTS[invitation.kind]
    return CONSENTS[
        "customer-of-reseller" if invitation.inviter.program == "indirect-reseller" else "customer-of-provider"
    ]


def consent_points(invitation: Invitation, language: Language) -> list[str]:
    """The points of the consent, with the partners' names."""
    names = {"inviter": invitation.inviter.name, "provider": invitation.provider.name if invitation.provider else ""}
    return [point.format(**names) for point in consent_to(invitation).points[language]]


_EVIDENCE: Mapping[Language, str] = {
    "de": (
        "Nachweis einer Zustimmung\n\n"
        "Einladung: {invitation}\nEinladender: {partners}\nUnternehmen, das zugestimmt hat: {company}\n"
        "Person: {person}\nZeit: {at} (UTC)\nNetz des Clients: {network}\n"
        "Fassung des Textes: {version}, Sprache: {language}\n\nText:\n{words}\n\nAngekreuzt: {box}\n"
    ),
    "en": (
        "Evidence of an acceptance\n\n"
        "Invitation: {invitation}\nInviter: {partners}\nCompany that accepted: {company}\n"
        "Person: {person}\nTime: {at} (UTC)\nNetwork of the client: {network}\n"
        "Version of the text: {version}, language: {language}\n\nText:\n{words}\n\nBox ticked: {box}\n"
    ),
}
_ERASED: Mapping[Language, str] = {"de": "(Konto gelöscht)", "en": "(account erased)"}


def evidence_text(invitation: Invitation, evidence: Evidence, language: Language) -> str:
    """The evidence as a text to keep. The words agreed to stay in the language in which they were shown."""
    person = evidence.person
    return _EVIDENCE[language].format(
        invitation=invitation.invitation_id,
        partners=", ".join(one.name for one in invitation.partners),
        company=f"{person.organization_name} ({invitation.accepted_by})" if person else invitation.accepted_by,
        person=f"{person.contact.name} <{person.contact.email}>" if person else _ERASED[language],
        at=evidence.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        network=evidence.network or "-",
        version=evidence.version,
        language=evidence.language,
        words="\n".join(f"- {word}" for word in evidence.words),
        box=evidence.box,
    )
