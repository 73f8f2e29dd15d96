"""Good records that are sent between the damaged ones: what they say can be found in the service's documents afterwards."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.mutations import Document, Raw, written

from kontor_contracts.enrollment import EnrollmentActivated, EnrollmentApproved, UpsertPartnerProfile
from kontor_contracts.identity import OrganizationUpdated, UserAdded
from kontor_contracts.relationships import ImportCustomer, InvitationAccepted, PartnershipEstablished

COMMANDS = {ImportCustomer.TYPE, UpsertPartnerProfile.TYPE}
EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


def golden(type_: str) -> list[Document]:
    """The golden examples of a type, oldest first."""
    return [json.loads(path.read_text()) for path in sorted((EXAMPLES / type_).glob("*.json"))]


def message(type_: str, mark: str, **data: Any) -> Document:
    """A golden example as another message of another aggregate, with other data: first of its aggregate, of no tenant."""
    document = copy.deepcopy(golden(type_)[0])
    document.pop("tenantid", None)
    numbered = {} if document["type"] in COMMANDS else {"sequence": "0000000001"}
    return {
        **document,
        **numbered,
        "id": mark,
        "subject": mark,
        "partitionkey": mark,
        "data": {**document["data"], **data},
    }


def _customer(mark: str) -> Document:
    document = message(ImportCustomer.TYPE, mark, portal="fuzz", external_id=mark)
    return {**document, "subject": f"fuzz:{mark}", "partitionkey": f"fuzz:{mark}"}


def _partner(mark: str) -> Document:
    number = str(int.from_bytes(mark.encode()) % 10**12).zfill(12)
    partner = golden(EnrollmentActivated.TYPE)[0]["data"]["partner"]
    return message(EnrollmentActivated.TYPE, mark, partner={**partner, "organization_id": mark, "partner_id": number})


def _profile(mark: str) -> Document:
    number = str(int.from_bytes(mark.encode()) % 10**12).zfill(12)
    document = message(UpsertPartnerProfile.TYPE, mark, partner_id=number, company_name=mark)
    return {**document, "subject": number, "partitionkey": number}


def _accepted(mark: str) -> Document:
    return message(InvitationAccepted.TYPE, mark, kind="customer", accepting_organization_id=mark)


def renaming(organization_id: str, name: str, previous: str) -> Raw:
    """For enrollment, whose drafts follow the names of their companies."""
    names = {"name": name, "previous_name": previous}
    return written(message(OrganizationUpdated.TYPE, organization_id, organization_id=organization_id, **names))


Witness = Callable[[str], Document]

WITNESSES: Mapping[tuple[str, str], Witness] = {
    ("relationships", "enrollment.events"): _partner,
    ("relationships", "relationships.events"): _accepted,
    ("relationships", "relationships.commands"): _customer,
    ("enrollment", "enrollment.commands"): _profile,
    # The id of the message is in the mail that it leads to.
    ("notifications", "identity.events"): lambda mark: message(UserAdded.TYPE, mark),
    ("notifications", "enrollment.events"): lambda mark: message(EnrollmentApproved.TYPE, mark),
    ("notifications", "relationships.events"): lambda mark: message(PartnershipEstablished.TYPE, mark),
}
"""By consumer group and topic: a message that leaves its mark in a document.

Identity's need users and enrollment's a draft; see the test.
"""


def witness(service: str, topic: str, mark: str) -> Raw | None:
    make = WITNESSES.get((service, topic))
    return written(make(mark)) if make else None
