"""The activity log: which events have an entry, the organizations that it concerns, and what it says."""

import json
from typing import Any

import pytest
from samples import envelope_for

from identity.activity.entries import recording
from identity.activity.recorded import NOT_RECORDED, RECORDED
from identity.documents import AUDIT
from identity.domain.audit_entry import (
    MOST_DIFFERENCES,
    Difference,
    Entry,
    Line,
    Record,
    decide,
    entry_key,
    evolve,
)
from kontor_contracts import Event, Payload, Refusal, admin_grants, customers, directory, enrollment, relationships
from kontor_contracts.notifications import AddressSuppressed, SuppressionLifted
from kontor_contracts.topics import BY_NAME, SERVICES
from kontor_contracts.values import Recipient

READ = [BY_NAME[f"{service}.events"] for service in SERVICES]
TOPICS = {event: topic for topic in READ for event in topic.messages}


def entry_of(event: type[Payload], **changes: Any) -> Entry:
    message = envelope_for(TOPICS[event], event, "identity")
    data = message.data.model_copy(update=changes)
    record = recording(message.model_copy(update={"data": data}), "acting-organization").command
    assert isinstance(record, Record)
    return record.entry


def line_of(entry: Entry) -> Line:
    (recorded,) = decide(Record(entry), Line())
    return evolve(Line(), recorded)


def test_every_event_is_recorded_or_named_with_a_reason() -> None:
    assert {*RECORDED} & {*NOT_RECORDED} == set()
    left = [event for event in TOPICS if event not in RECORDED and event not in NOT_RECORDED]
    assert [event for event in left if not issubclass(event, Refusal)] == []


@pytest.mark.parametrize("event", RECORDED, ids=lambda event: event.__name__)
def test_an_entry_concerns_an_organization_and_stays_small(event: type[Payload]) -> None:
    entry = entry_of(event)
    # An imported customer of a partner that was not named yet concerns the program's staff alone, as a reviewers' file does.
    # So does an address: it belongs to no organization.
    of_the_program = {
        relationships.CustomerImported,
        enrollment.ReviewFileChanged,
        enrollment.AgreementPublished,
        enrollment.AgreementWithdrawn,
        enrollment.BusinessChecked,
        AddressSuppressed,
        SuppressionLifted,
    }
    assert entry.organizations or event in of_the_program
    assert len(entry.differences) <= MOST_DIFFERENCES
    assert AUDIT.parse(AUDIT.dump(line_of(entry))) == line_of(entry)


@pytest.mark.parametrize("event", RECORDED, ids=lambda event: event.__name__)
def test_an_entry_has_no_text_or_address_of_a_person(event: type[Payload]) -> None:
    if event.TYPE.startswith("kontor.identity."):
        return
    data = envelope_for(TOPICS[event], event, "identity").data
    said = json.dumps([(each.old, each.new) for each in entry_of(event).differences], ensure_ascii=False)
    for private in _private(data):
        assert private not in said


def _private(data: Any) -> list[str]:
    found = []
    for name in type(data).model_fields:
        value = getattr(data, name)
        if isinstance(value, Recipient):
            found += [value.name, value.email]
        elif (name in {"comment", "explanation", "message", "mail_body", "mail_subject"} and value) or (
            name == "reason" and isinstance(data, (relationships.InvitationDeclined, customers.RelationshipEnded))
        ):
            found.append(value)
    return [one for one in found if one]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (relationships.InvitationRevoked, ("status", None, "revoked")),
        (relationships.PartnershipEnded, ("status", "active", "ended")),
        (relationships.ProviderAdminAccessRemoved, ("admin_access", "granted", "removed")),
        (customers.RelationshipEnded, ("status", "active", "ended")),
        (admin_grants.AdminGrantApproved, ("status", "requested", "approved")),
        (directory.PartnershipRequestDeclined, ("status", "open", "declined")),
        (enrollment.EnrollmentSuspended, ("status", "active", "suspended")),
        (enrollment.EnrollmentReinstated, ("status", "suspended", "active")),
    ],
)
def test_an_entry_says_from_what_to_what(event: type[Event], expected: tuple[str, str | None, str]) -> None:
    field, old, new = expected
    found = next(each for each in entry_of(event).differences if each.field == field)
    assert found.new == new
    assert old is None or found.old == old


def test_an_invitation_step_says_the_status_before() -> None:
    entry = entry_of(relationships.InvitationRevoked, previous="sent")
    assert Difference("status", "sent", "revoked") in entry.differences


def test_a_profile_shows_each_changed_field_alone() -> None:
    before = directory.ProviderProfile(description="Cloud", languages=("de",))
    after = before.model_copy(
        update={"languages": ("de", "en"), "locations": (directory.Location(country="DE", city="Bremen"),)}
    )
    entry = entry_of(directory.ProfileEdited, previous=before, profile=after)
    assert entry.differences == (
        Difference("languages", "de", "de; en"),
        Difference("locations", None, "Bremen, DE"),
    )


def test_a_long_value_is_cut_short() -> None:
    profile = directory.ProviderProfile(description="x" * 2_500)
    (difference,) = entry_of(directory.ProfileEdited, previous=directory.ProviderProfile(), profile=profile).differences
    assert difference.new is not None and len(difference.new) == 200


def test_both_sides_of_a_relationship_find_its_entry() -> None:
    entry = entry_of(relationships.PartnershipEnded)
    data = envelope_for(TOPICS[relationships.PartnershipEnded], relationships.PartnershipEnded, "identity").data
    assert isinstance(data, relationships.PartnershipEnded)
    assert set(entry.organizations) == {data.provider.organization_id, data.reseller.organization_id}
    listing = AUDIT.listed and AUDIT.listed(line_of(entry))
    assert listing and listing.order == entry_key(entry)
    owners = {key.partition("|")[0] for key in listing.keys}
    assert owners == {"*", *entry.organizations}


@pytest.mark.parametrize(
    ("event", "changes", "concerned"),
    [
        (relationships.InvitationAccepted, {"accepting_organization_id": "them"}, "them"),
        (relationships.InvitationDeclined, {"by_organization_id": "them"}, "them"),
        (relationships.InvitationAccessRefused, {"requesting_organization_id": "them"}, "them"),
        (relationships.CustomerImported, {"organization_id": "them"}, "them"),
    ],
)
def test_the_other_side_of_a_step_finds_its_entry(event: type[Event], changes: dict[str, str], concerned: str) -> None:
    entry = entry_of(event, **changes)
    assert concerned in entry.organizations
    listing = AUDIT.listed and AUDIT.listed(line_of(entry))
    assert listing and concerned in listing.keys


def test_partners_of_one_acceptance_find_its_entry() -> None:
    data = envelope_for(TOPICS[relationships.ResellersAuthorized], relationships.ResellersAuthorized, "identity").data
    assert isinstance(data, relationships.ResellersAuthorized)
    partners = {grant.partner.organization_id for grant in data.grants}
    assert partners <= set(entry_of(relationships.ResellersAuthorized).organizations) and partners


def test_an_entry_of_before_stays_in_the_log_of_its_organization() -> None:
    entry = Entry(
        event_id="e1",
        at=envelope_for(TOPICS[relationships.PartnershipEnded], relationships.PartnershipEnded, "identity").time,
        actor="user:admin",
        on_behalf_of="org",
        organization_id="org",
        action="user-updated",
        subject="user:zoe",
    )
    listing = AUDIT.listed and AUDIT.listed(line_of(entry))
    assert listing and "org" in listing.keys and "org|subject=user:zoe" in listing.keys


def test_the_actor_acts_on_behalf_of_the_own_organization() -> None:
    assert entry_of(enrollment.EnrollmentApproved).on_behalf_of == "acting-organization"
