"""Who calls a service while it is fuzzed, and what is there to be found: so that requests come further than to a 404."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import CODE, Company, new_company
from service.fuzz_witnesses import WITNESSES
from service.identity.company import PASSWORD, Person
from service.relationships.stage import Company as Party
from service.relationships.stage import Stage
from support import eventually

from identity.domain.roles import ROLES
from kontor_contracts.relationships import ImportCustomer
from kontor_contracts.values import OrganizationKind

KINDS: tuple[OrganizationKind, ...] = get_args(OrganizationKind)
EVERYTHING = frozenset(permission for role in ROLES.values() for permission in role.permissions)

Known = Mapping[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Scene:
    """``callers``: by name, the headers of who calls. ``known``: by a parameter's name, values that lead somewhere."""

    callers: Mapping[str, Mapping[str, str]]
    known: Known


@dataclass(frozen=True, slots=True)
class Director:
    """Sets the scene on a running service."""

    running: Running
    tokens: Tokens
    kafka: Topics
    mongo: Documents

    async def scene(self) -> Scene:
        match self.running.name:
            case "identity":
                return await self._identity()
            case "enrollment":
                return await self._enrollment()
            case "relationships":
                return await self._relationships()
            case "notifications":
                return await self._notifications()
            case _:
                return Scene(self._callers({kind: kind for kind in KINDS}), {})

    def _callers(self, organizations: Mapping[OrganizationKind, str], **users: str) -> Mapping[str, Mapping[str, str]]:
        signed_in: dict[str, Mapping[str, str]] = {
            kind: self.tokens.bearer(
                organization, organization_kind=kind, permissions=EVERYTHING, user_id=users.get(kind), culture="de-AT"
            )
            for kind, organization in organizations.items()
        }
        return {"nobody": {}, **signed_in}

    async def _identity(self) -> Scene:
        people: dict[OrganizationKind, Person] = {}
        for kind in ("provider", "reseller", "customer"):
            people[kind] = await Person.sign_up(self.running, kind)
        people["operator"] = await people["provider"].add("global-admin")
        colleague = await people["reseller"].add_new("user-management-admin")
        users = {kind: person.user_id for kind, person in people.items()}
        organizations = {kind: person.organization_id for kind, person in people.items()}
        known: Known = {
            "user_id": [colleague.user_id, *users.values()],
            "organization_id": list(organizations.values()),
            "email": [*(person.email for person in people.values()), *(f"new-{n}@company.example" for n in range(30))],
            "password": [PASSWORD, PASSWORD, "password"],
            "current_password": [PASSWORD],
            "refresh_token": [person.refresh_token for person in people.values()],
            "code": ["123456", "abcde-fghjk"],
            "roles": [["user-management-admin"], ["helpdesk-agent"], ["global-admin"]],
        }
        return Scene(self._callers(organizations, **users), known)

    async def _enrollment(self) -> Scene:
        companies: dict[OrganizationKind, Company] = {}
        for kind in ("provider", "reseller"):
            companies[kind] = new_company(self.running, self.tokens, kind=kind)
        await companies["provider"].submit()
        await companies["reseller"].start()
        await companies["reseller"].tell()
        organizations = {
            kind: companies[kind].organization_id if kind in companies else f"one-{kind}" for kind in KINDS
        }
        known: Known = {
            "enrollment_id": [company.enrollment_id for company in companies.values()],
            "membership_account": [company.membership["membership_account"] for company in companies.values()],
            "access_code": [CODE],
            "email": [company.email for company in companies.values()],
            "partner_id": [company.partner_id for company in companies.values()],
            "document_id": ["1"],
            "version": ["2026-11", "2027-06"],
            "regions": [["japan"], None],
        }
        return Scene(self._callers(organizations), known)

    async def _relationships(self) -> Scene:
        stage = Stage(self.running, self.kafka, self.tokens)
        provider, reseller = await stage.partner("provider"), await stage.partner("reseller")
        customer = stage.company("customer")
        partnership, joint = await stage.invited(provider, "partnership"), await stage.invited(reseller, "customer")
        draft = await stage.invite(provider, "customer")
        await stage.ask_for_import(
            ImportCustomer(
                portal="fuzz",
                external_id="k-1",
                name="Kaffeehaus Žižka",
                country="DE",
                partner_id=reseller.partner_id,
                permissions=["administer"],
            )
        )
        found = await eventually(lambda: self.mongo.all(self.running, "customer"))
        invitations = [partnership, joint, draft]
        known = {
            "invitation_id": [each["invitation_id"] for each in invitations],
            "token": [each["link"].partition("token=")[2].partition("&")[0] for each in invitations],
            "email": ["kaethe.suess@kunde.example"],
            "provider_id": [provider.organization_id],
            "customer_id": [*(document["_id"].partition(":")[2] for document in found), customer.organization_id],
            "imported_id": [document["_id"].partition(":")[2] for document in found],
            "organization_id": [provider.organization_id, reseller.organization_id],
            "subscription_id": ["A-1"],
            "record_id": [await self._record(stage, provider, reseller, customer)],
        }
        organizations: dict[OrganizationKind, str] = {
            "provider": provider.organization_id,
            "reseller": reseller.organization_id,
            "customer": customer.organization_id,
            "operator": "program",
        }
        return Scene(self._callers(organizations), known)

    @staticmethod
    async def _record(stage: Stage, provider: Party, reseller: Party, customer: Party) -> str:
        await stage.connected(provider, reseller)
        joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
        assert (await stage.accept(customer, joint)).is_success
        path = f"/v1/customers/{customer.organization_id}/subscriptions/A-1/reseller-of-record"

        async def named() -> str | None:
            answer = await stage.put(provider, path, {"partner_id": reseller.partner_id})
            return str(answer.json()["record_id"]) if answer.is_success else None

        return str(await eventually(named))

    async def _notifications(self) -> Scene:
        topic = "identity.events"
        document = WITNESSES["notifications", topic]("fuzzed")
        tenant = document["data"]["organization_id"]
        await self.kafka.produce(
            self.running.topic(topic), json.dumps(document | {"tenantid": tenant}).encode(), key="fuzzed"
        )
        mails = await eventually(lambda: self.mongo.all(self.running, "mail"))
        callers = self._callers(dict.fromkeys(KINDS, tenant))
        headers = {**callers["operator"], "Idempotency-Key": "a-suppression"}
        form = {"email": "nobody@nowhere.example", "note": "Its owner asked for it."}
        suppressed = await self.running.client.post("/v1/suppressions", json=form, headers=headers)
        return Scene(
            callers,
            {
                "mail_id": [mail["_id"].partition(":")[2] for mail in mails],
                "suppression_id": [suppressed.json()["suppression_id"]],
                "muted": ["progress", "reminders", "security"],
            },
        )
