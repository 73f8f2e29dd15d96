"""What is there to be asked for when permissions are tested: for each kind of organization its own things, and another's."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import CSV, load, new_company
from service.fuzz_witnesses import WITNESSES
from service.identity.company import Person, once, some_email
from service.relationships.stage import Company, Stage, token_of
from support import eventually

from chassis.aggregate.model import derived_id
from enrollment.registry import COLUMNS
from identity.cli import ORGANIZATION_ID
from identity.domain.roles import ROLES, permissions
from kontor_contracts.addresses import address_key
from kontor_contracts.relationships import ImportCustomer

Things = Mapping[str, str]
KINDS = ("provider", "reseller", "customer", "operator")
NOTHING = "nothing-of-this-name"


@dataclass(frozen=True, slots=True)
class Scene:
    """By kind of organization: its id, its user, its things and another organization's things, by name."""

    organizations: Mapping[str, str]
    own: Mapping[str, Things]
    other: Mapping[str, Things]
    users: Mapping[str, str] = field(default_factory=dict)
    partner_ids: Mapping[str, str] = field(default_factory=dict)


async def scene_of(running: Running, tokens: Tokens, kafka: Topics, mongo: Documents) -> Scene:
    match running.name:
        case "identity":
            return await _identity(running, tokens)
        case "enrollment":
            return await _enrollment(running, tokens)
        case "relationships":
            return await _relationships(Stage(running, kafka, tokens))
        case _:
            return await _notifications(running, tokens, kafka, mongo)


# -- identity


async def _identity(running: Running, tokens: Tokens) -> Scene:
    own: dict[str, Things] = {}
    people: dict[str, Person] = {}
    for kind in ("provider", "reseller", "customer"):
        people[kind] = await Person.sign_up(running, kind)
        own[kind] = await _things(people[kind])
    stranger = await _things(await Person.sign_up(running))
    operator = await _operator(running)
    own["operator"] = {"organization_id": ORGANIZATION_ID, "user_id": operator}
    return Scene(
        {**{kind: person.organization_id for kind, person in people.items()}, "operator": ORGANIZATION_ID},
        own,
        dict.fromkeys(KINDS, stranger),
        {**{kind: person.user_id for kind, person in people.items()}, "operator": operator},
    )


async def _things(admin: Person) -> Things:
    found = {"organization_id": admin.organization_id}
    for name in ("user_id", "doomed"):
        wish = {"full_name": "Zoë Brown", "email": some_email(), "roles": [], "culture": "en"}
        invited = await admin.post("/v1/users/invite", wish)
        assert invited.status_code == 201, invited.text
        found[name] = invited.json()["user_id"]
    for name in ("domain", "doomed_domain"):
        found[name] = f"{secrets.token_hex(4)}.example"
        claimed = await admin.post(f"/v1/organizations/{admin.organization_id}/domains", {"domain": found[name]})
        assert claimed.status_code == 201, claimed.text
    found["import_id"] = await _import(admin)
    return found


async def _import(admin: Person) -> str:
    """A large import of rows that nobody can be invited by."""
    body = "\n".join(["full_name,email", *["Nobody,nowhere"] * 101])
    headers = admin.bearer | once() | {"content-type": "text/csv"}
    answer = await admin.running.client.post("/v1/users/import", content=body.encode(), headers=headers)
    assert answer.status_code == 202, answer.text
    import_id: str = answer.json()["import_id"]
    return import_id


async def _operator(running: Running) -> str:
    email = some_email()
    await running.job("create-operator", "--email", email, "--full-name", "Olga Öztürk")
    return derived_id(ORGANIZATION_ID, address_key(email))


# -- the others


async def _enrollment(running: Running, tokens: Tokens) -> Scene:
    own, organizations = {}, {"customer": f"customer-{uuid4()}", "operator": "program"}
    for kind in ("provider", "reseller"):
        company = new_company(running, tokens, kind=kind)
        await company.start()
        own[kind], organizations[kind] = {"enrollment_id": company.enrollment_id}, company.organization_id
    stranger = new_company(running, tokens)
    await stranger.start()
    await load(running, tokens, stranger.row())
    registered = {"partner_id": stranger.partner_id}
    own["operator"] = {"import_id": await _profiles(running, tokens, "program"), **registered}
    foreign = {"enrollment_id": stranger.enrollment_id, "import_id": await _profiles(running, tokens, "other-program")}
    foreign |= registered
    return Scene(organizations, own, dict.fromkeys(KINDS, foreign))


async def _profiles(running: Running, tokens: Tokens, organization_id: str) -> str:
    """A large import of rows that are no profiles."""
    headers = tokens.bearer(organization_id, organization_kind="operator", permissions=("profiles:import",))
    body = "\n".join([",".join(COLUMNS), *["x"] * 101]).encode()
    answer = await running.client.post("/v1/partner-profiles/import", content=body, headers=headers | CSV | once())
    assert answer.status_code == 202, answer.text
    import_id: str = answer.json()["import_id"]
    return import_id


async def _relationships(stage: Stage) -> Scene:
    provider, reseller = await stage.partner("provider"), await stage.partner("reseller")
    stranger, customer = await stage.partner("reseller"), stage.company("customer")
    await stage.connected(provider, reseller)
    wholesaler = await stage.partner("provider")
    await stage.connected(wholesaler, stranger)
    asked_pairs = await _requests(stage, provider, reseller, wholesaler, stranger)
    # Who may accept by role is asked here, so the address must not matter.
    offer, request = [
        await stage.invited(provider, kind, anyone_with_link=True) for kind in ("partnership", "customer")
    ]
    accepted = await stage.invited(provider, "customer")
    assert (await stage.accept(customer, accepted)).status_code == 200
    await stage.listed(provider, "/v1/customers")
    grants = [await _grant(stage, provider, customer, name) for name in ("Help", "More help", "Past help")]
    await _reseller_of_record(stage, provider, reseller, customer, "S-0")
    records = [await _reseller_of_record(stage, provider, reseller, customer, id) for id in ("S-1", "S-2")]
    of_record = {"subscription_id": "S-1", "record_id": records[0], "ended_record": records[1]}
    asked = {
        **of_record,
        "asked_customer": customer.organization_id,
        "partnership_token": token_of(offer),
        "customer_token": token_of(request),
    }
    pair = {"partnership_id": f"{provider.organization_id}.{reseller.organization_id}"}
    of_customer = {"grant_id": grants[0], "open_grant": grants[1], "ended_grant": grants[2]}
    of_provider = {
        **asked,
        "accepted": accepted["invitation_id"],
        **pair,
        **of_customer,
        "customer_id": customer.organization_id,
        "reseller_id": reseller.organization_id,
    }
    of_reseller = {**asked, **pair, "provider_id": provider.organization_id, "received": offer["invitation_id"]}
    own = {
        "provider": {**of_provider, **asked_pairs["provider"], **await _invitations(stage, provider, "partnership")},
        "reseller": {
            **of_reseller,
            **asked_pairs["reseller"],
            **await _invitations(stage, reseller, "customer"),
            "customer_id": await _imported(stage, reseller),
        },
        "customer": {
            **asked,
            **of_customer,
            "accepted": accepted["invitation_id"],
            "received": request["invitation_id"],
        },
        "operator": {**asked, "organization_id": provider.organization_id},
    }
    foreign = {
        **asked_pairs["foreign"],
        "partnership_id": f"{wholesaler.organization_id}.{stranger.organization_id}",
        "organization_id": stranger.organization_id,
        **await _invitations(stage, stranger, "customer"),
        "customer_id": (foreign_import := await _imported(stage, stranger)),
        "imported_id": foreign_import,
        "provider_id": stranger.organization_id,
        "reseller_id": stranger.organization_id,
        "grant_id": await _grant(stage, *await _pair(stage), "Help"),
        **await _foreign_record(stage, wholesaler, stranger),
    }
    companies = {"provider": provider, "reseller": reseller, "customer": customer}
    organizations = {kind: company.organization_id for kind, company in companies.items()} | {"operator": "program"}
    return Scene(organizations, own, dict.fromkeys(KINDS, foreign))


async def _requests(
    stage: Stage, provider: Company, reseller: Company, wholesaler: Company, stranger: Company
) -> dict[str, dict[str, str]]:
    """Requests for a partnership: to the provider, by the reseller, and between two others."""
    newcomer = await stage.partner("reseller")
    for one in (provider, wholesaler):
        await stage.published(one)
    pairs = {"provider": (provider, stranger), "reseller": (wholesaler, reseller), "foreign": (wholesaler, newcomer)}
    found = {}
    for name, (asked, by) in pairs.items():
        answer = await stage.post(by, "/v1/partnership-requests", {"provider_id": asked.organization_id})
        assert answer.status_code == 201, answer.text
        found[name] = {"partnership_request_id": answer.json()["request_id"]}
    return found


async def _invitations(stage: Stage, inviter: Company, kind: str) -> dict[str, str]:
    made = {name: await stage.invite(inviter, kind) for name in ("invitation_id", "doomed", "handed_over")}
    return {name: draft["invitation_id"] for name, draft in made.items()}


async def _reseller_of_record(
    stage: Stage, provider: Company, reseller: Company, customer: Company, subscription: str
) -> str:
    """Of a customer of both."""
    path = f"/v1/customers/{customer.organization_id}/subscriptions/{subscription}/reseller-of-record"
    if (await stage.get(reseller, f"/v1/customers/{customer.organization_id}")).status_code != HTTPStatus.OK:
        joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
        assert (await stage.accept(customer, joint)).status_code == 200

    async def named() -> str | None:
        answer = await stage.put(provider, path, {"partner_id": reseller.partner_id})
        return str(answer.json()["record_id"]) if answer.is_success else None

    return str(await eventually(named, timeout=30.0))


async def _foreign_record(stage: Stage, provider: Company, reseller: Company) -> dict[str, str]:
    record = await _reseller_of_record(stage, provider, reseller, stage.company("customer"), "S-1")
    return {"subscription_id": "S-1", "record_id": record, "ended_record": record}


async def _pair(stage: Stage) -> tuple[Company, Company]:
    """A partner and a customer of its own."""
    partner, customer = await stage.partner("reseller"), stage.company("customer")
    assert (await stage.accept(customer, await stage.invited(partner, "customer"))).status_code == 200
    await stage.listed(partner, "/v1/customers")
    return partner, customer


async def _grant(stage: Stage, partner: Company, customer: Company, name: str) -> str:
    body = {"name": name, "roles": ["global-reader"]}
    answer = await stage.post(partner, f"/v1/customers/{customer.organization_id}/admin-grants", body)
    assert answer.status_code == 201, answer.text
    grant_id: str = answer.json()["grant_id"]
    return grant_id


async def _imported(stage: Stage, partner: Company) -> str:
    number = secrets.token_hex(4)
    await stage.ask_for_import(
        ImportCustomer(
            portal="office",
            external_id=number,
            name="Kaffeehaus Žižka",
            country="DE",
            partner_id=partner.partner_id,
            permissions=("administer",),
        )
    )
    customer_id = derived_id("customer", "office", number)

    async def there() -> bool:
        return (await stage.get(partner, f"/v1/customers/{customer_id}")).status_code == 200

    await eventually(there, timeout=30.0)
    return customer_id


async def _notifications(running: Running, tokens: Tokens, kafka: Topics, mongo: Documents) -> Scene:
    organizations, mails = {kind: f"{kind}-{uuid4()}" for kind in (*KINDS, "stranger")}, {}
    for kind, organization_id in organizations.items():
        document = WITNESSES["notifications", "identity.events"](kind)
        data = {**document["data"], "organization_id": organization_id, "email": some_email()}
        value = json.dumps({**document, "tenantid": organization_id, "data": data}).encode()
        await kafka.produce(running.topic("identity.events"), value, key=kind)

    async def there() -> dict[str, Any]:
        found = {mail["tenant"]: mail["_id"].partition(":")[2] for mail in await mongo.all(running, "mail")}
        return found if len(found) == len(organizations) else {}

    found = await eventually(there)
    mails = {kind: {"mail_id": found[organization_id]} for kind, organization_id in organizations.items()}
    stranger = mails.pop("stranger")
    organizations.pop("stranger")
    suppressed = {"suppression_id": await _suppression(running, tokens)}
    mails["operator"] |= suppressed
    return Scene(organizations, mails, dict.fromkeys(KINDS, stranger | suppressed))


async def _suppression(running: Running, tokens: Tokens) -> str:
    """Suppressions are the program's alone."""
    staff = tokens.bearer("program", organization_kind="operator", permissions=("mails:manage",))
    form = {"email": some_email(), "note": "Its owner asked for it."}
    answer = await running.client.post("/v1/suppressions", json=form, headers=staff | once())
    assert answer.status_code == 200, answer.text
    suppression_id: str = answer.json()["suppression_id"]
    return suppression_id


# -- callers


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds these roles in an organization of this kind; roles that permit the same are asked for once."""

    kind: str
    roles: tuple[str, ...]
    permissions: frozenset[str]
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{'/'.join(self.roles)} of a {self.kind}"


def callers(tokens: Tokens, scene: Scene) -> list[Caller]:
    """Every role of the matrix in every kind of organization that has it, and who holds none."""
    holders: dict[tuple[str, frozenset[str]], list[str]] = {(kind, frozenset()): ["default user"] for kind in KINDS}
    for role in ROLES.values():
        for kind in role.kinds:
            holders.setdefault((kind, frozenset(permissions([role.name], kind))), []).append(role.name)
    return [
        Caller(
            kind,
            tuple(roles),
            held,
            tokens.bearer(
                scene.organizations[kind],
                organization_kind=kind,
                permissions=held,
                user_id=scene.users.get(kind),
            )
            | once(),
        )
        for (kind, held), roles in holders.items()
    ]
