"""Every POST that takes an Idempotency-Key, sent twice with one: the first answer, and nothing more happens."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import ADDRESS, SUPPORT, Mail, keep, new_company, operator, press
from service.enrollment.company import Company as Enrolling
from service.enrollment.papers import PDF
from service.identity.company import Person, some_email
from service.relationships.stage import Company, Stage, token_of
from service.twice import Twice
from support import eventually

from chassis.aggregate.model import derived_id
from enrollment.registry import COLUMNS
from kontor_contracts.admin_grants import AdminGrantActivated
from kontor_contracts.customer_matches import ImportedCustomerRestored, RelationshipsMoved
from kontor_contracts.relationships import CustomerImported, ImportCustomer

Service = Callable[..., AbstractAsyncContextManager[Running]]
STAFF = {"organization:close", "organization:reopen"}
ELSEWHERE = {
    "/v1/sign-up": "identity/test_api",
    "/v1/password-resets": "identity/test_sign_in",
    "/v1/password-resets/redeem": "identity/test_sign_in",
    "/v1/token/revoke": "it answers nothing, and a session ends once",
    "/v1/organizations/{organization_id}/domains/{domain}/verify": "it asks a name server, identity/test_organizations",
}


async def test_identity_does_no_keyed_post_twice(service: Service, mongo: Documents, tokens: Tokens) -> None:
    async with service("identity") as running:
        admin = await Person.sign_up(running)
        twice = Twice(running, mongo, {"user", "domain"})
        person = {"full_name": "Zoë Brown", "roles": [], "culture": "en"}
        await twice.post("/v1/users", admin.bearer, person | {"email": some_email()})
        invited = await twice.post("/v1/users/invite", admin.bearer, person | {"email": some_email()})
        user = {"user_id": invited["user_id"]}
        await twice.post("/v1/users/{user_id}/invitation/renew", admin.bearer, **user)
        await twice.post("/v1/users/import", admin.bearer, f"full_name,email\nZoë Brown,{some_email()}\n")
        added = await twice.post("/v1/users", admin.bearer, person | {"email": some_email()})
        user = {"user_id": added["user_id"]}
        for what in ("disable", "enable", "delete", "restore", "delete", "purge"):
            await twice.post(f"/v1/users/{{user_id}}/{what}", admin.bearer, **user)
        claimed = {"organization_id": admin.organization_id, "domain": f"{some_email().partition('@')[2]}"}
        domains = "/v1/organizations/{organization_id}/domains"
        await twice.post(domains, admin.bearer, {"domain": claimed["domain"]}, **claimed)
        await twice.post(f"{domains}/{{domain}}/release", admin.bearer, **claimed)
        staff = tokens.bearer("program", organization_kind="operator", permissions=STAFF)
        # What follows changes users, after the answer.
        ending = Twice(running, mongo, {"organization"})
        organization = {"organization_id": admin.organization_id}
        await ending.post("/v1/organizations/{organization_id}/close", staff, {"confirm": True}, **organization)
        await ending.post("/v1/organizations/{organization_id}/reopen", staff, **organization)
        assert await twice.missed() - ending.paths == ELSEWHERE.keys()


async def test_enrollment_does_no_keyed_post_twice(
    service: Service, mongo: Documents, tokens: Tokens, kafka: Topics, keys: Path
) -> None:
    async with service("enrollment") as running:
        company, staff = new_company(running, tokens), operator(tokens)
        twice = Twice(running, mongo, {"enrollment", "profile", "upload"})
        await twice.post("/v1/partner-profiles/import", staff, "\n".join([",".join(COLUMNS), company.row()]))
        started = await twice.post("/v1/enrollments", company.headers(), {"program": "indirect-reseller"})
        company.enrollment_id = started["enrollment_id"]
        await company.tell()
        ours, path = {"enrollment_id": company.enrollment_id}, "/v1/enrollments/{enrollment_id}"
        await twice.post(f"{path}/submit", company.headers(), **ours)
        # A second mail has to wait for a minute.
        running.env["KONTOR_CLOCK_SKEW"] = "121"
        await running.restart()
        await twice.post(f"{path}/contact-verification/resend", company.headers(), **ours)
        links = await Mail(running, kafka, keys).links(company, 2)
        assert (await press(running, links[-1], "confirm")).status_code == 200
        file = "/v1/reviews/{enrollment_id}"
        await twice.post(f"{file}/checks/repeat", staff, **ours)
        shared = {"email": "info@firma.example"}
        await twice.post(f"{file}/mailbox-exceptions", staff, shared | {"reason": "The owner reads it alone."}, **ours)
        await twice.post(f"{file}/mailbox-exceptions/withdraw", staff, shared, **ours)
        await twice.post(f"{file}/claim", staff, {"take_over": False}, **ours)
        await twice.post(f"{file}/notes", staff, {"text": "The register knows it."}, **ours)
        await twice.post(f"{file}/risk", staff, {"high": True}, **ours)
        # Who takes the mark away is not enough to approve.
        reviewer = {"organization_kind": "operator", "permissions": ("enrollment:review",), "user_id": "paul"}
        await twice.post(f"{file}/risk", tokens.bearer("program", **reviewer), {"high": False}, **ours)
        await twice.post(f"{file}/release", staff, **ours)
        papers = {"step": "business", "documents": [{"kind": "lease"}, {"kind": "registry-record"}]}
        await twice.post(f"{file}/documents", staff, papers, **ours)
        upload, first = f"{path}/documents/{{document_id}}/files", PDF.decode()
        named = upload + "?name=lease.pdf"
        await twice.post(named, company.headers(), first, document_id="1", **ours)
        twice.paths.add(upload)
        await twice.post(f"{file}/documents/withdraw", staff, **ours)
        await twice.post(f"{path}/review", staff, {"decision": "reject", "reason": "not-eligible"}, **ours)
        await twice.post(f"{path}/appeal", company.headers(), {"statement": "We moved to Germany."}, **ours)
        await twice.post(f"{path}/review", staff, {"decision": "approve"}, **ours)
        version = (await company.get("/v1/agreements/current"))["version"]
        await twice.post(f"{path}/agreement", company.headers(), {"version": version, "accepted": True}, **ours)
        change = {"company_name": "Müller Cloud SE", "address": ADDRESS, "registration_id": None}
        for end in ("withdraw", "review"):
            proposed = await company.put(f"{company.path}/legal-change", change)
            assert proposed.json()["legal_change"]["status"] == "in-review", proposed.text
            by, body = (company.headers(), None) if end == "withdraw" else (staff, {"decision": "accept"})
            await twice.post(f"{path}/legal-change/{end}", by, body, **ours)
        await twice.post(f"{path}/suspend", staff, {"reason": "abuse"}, **ours)
        await twice.post(f"{path}/reinstate", staff, {"reason": "cause-cleared"}, **ours)
        await twice.post(f"{path}/notice", company.headers(), {}, **ours)
        await twice.post(f"{path}/notice/withdraw", company.headers(), **ours)
        soon = (datetime.now(UTC) + timedelta(days=10)).isoformat()
        due = await running.client.put(f"{company.path}/reauthorization", json={"due_at": soon}, headers=staff)
        confirmed = {"confirmed": due.json()["reauthorization"]["confirmations"]}
        await twice.post(f"{path}/reauthorization/confirm", company.headers(), confirmed, **ours)
        await _contact_is_changed_and_kept(twice, company)
        undecided = new_company(running, tokens)
        await undecided.start()
        postponed = f"{path}/partner-id/postpone"
        await twice.post(postponed, undecided.headers(), enrollment_id=undecided.enrollment_id)
        await twice.post(f"{path}/withdraw", undecided.headers(), {}, enrollment_id=undecided.enrollment_id)
        await _known_company_joins(running, tokens, twice)
        await _version_is_published_and_withdrawn(running, mongo, tokens, twice)
        try:
            await _missed_reauthorization(running, tokens, company)
            await twice.post(f"{path}/wait/end", operator(tokens), {"explanation": None}, **ours)
        finally:
            tokens.ahead = 0.0
        assert await twice.missed() == set()


async def _known_company_joins(running: Running, tokens: Tokens, twice: Twice) -> None:
    known = new_company(running, tokens)
    await known.start()
    await keep(running, tokens, known.partner_id, {**known.entry(), "program_state": "enrolled"})
    body = {**known.membership, "partner_id": known.partner_id, "support_contact": SUPPORT}
    path = "/v1/enrollments/{enrollment_id}/join"
    await twice.post(path, known.headers(), body, enrollment_id=known.enrollment_id)


async def _contact_is_changed_and_kept(twice: Twice, company: Enrolling) -> None:
    mailbox = f"bela.weiss@{company.organization_id}.example"
    contact = {"name": "Béla Weiß", "email": mailbox, "phone": "+49 221 1234568", "culture": "de"}
    path, ours = "/v1/enrollments/{enrollment_id}/contact-change", {"enrollment_id": company.enrollment_id}
    await twice.post(path, company.headers(), contact, **ours)
    await twice.post(f"{path}/withdraw", company.headers(), **ours)


async def _version_is_published_and_withdrawn(running: Running, mongo: Documents, tokens: Tokens, twice: Twice) -> None:
    async def asked() -> bool:
        """The timer has gone through the partners once; it comes again after an hour."""
        (edition,) = await mongo.all(running, "agreement-edition")
        return bool(edition["state"]["passes"] == 1)

    edition_twice = twice.also({"agreement-edition"}, settled=lambda: eventually(asked))
    staff, path = operator(tokens, "agreements:publish"), "/v1/agreements/editions"
    until = (datetime.now(UTC) + timedelta(days=60)).isoformat()
    texts = [{"language": "en", "title": "Partner agreement", "text": "1. Subject."}]
    edition = {"version": "2027-06", "regions": ["japan"], "texts": texts, "accept_until": until}
    await edition_twice.post(path, staff, edition)
    await edition_twice.post(f"{path}/{{version}}/withdraw", staff, version="2027-06")


async def _missed_reauthorization(running: Running, tokens: Tokens, company: Enrolling) -> None:
    """The notice is given two years ahead, the end comes after its ninety days."""

    async def noticed() -> bool:
        due = (await company.get(company.path))["reauthorization"]["due_at"]
        return datetime.fromisoformat(due) > datetime.now(UTC) + timedelta(days=730 + 89)

    async def ended() -> bool:
        return await company.status() == "ended"

    for days, so in ((730, noticed), (730 + 91, ended)):
        ahead = timedelta(days=days).total_seconds()
        running.env["KONTOR_CLOCK_SKEW"], tokens.ahead = str(ahead), ahead
        await running.restart()
        await eventually(so)


async def test_relationships_does_no_keyed_post_twice(
    service: Service, mongo: Documents, tokens: Tokens, kafka: Topics
) -> None:
    async with service("relationships") as running:
        stage = Stage(running, kafka, tokens)
        provider, reseller = await stage.partner("provider"), await stage.partner("reseller")
        twice, inviter = Twice(running, mongo, {"invitation"}), stage.token(provider)
        recipient = {"name": "Käthe Süß", "email": some_email(), "culture": "de"}
        draft = {"kind": "partnership", "recipient": recipient}
        path = "/v1/invitations/{invitation_id}"
        for end in ("accept", "decline", "revoke"):
            invitation = await twice.post("/v1/invitations", inviter, draft)
            id = {"invitation_id": invitation["invitation_id"]}
            by_hand = await twice.post("/v1/invitations", inviter, draft)
            await twice.post(f"{path}/sent-by-me", inviter, invitation_id=by_hand["invitation_id"])
            sent = await twice.post(f"{path}/send", inviter, **id)
            if end == "accept":
                consent = {"token": token_of(sent), "consent": True}
                addressee = stage.token(reseller, email=recipient["email"])
                await twice.post(f"{path}/accept", addressee, consent, **id)
            elif end == "decline":
                again = await twice.post(f"{path}/resend", inviter, **id)
                asked = {"token": token_of(again)}
                for decision, other in (("confirm", reseller), ("refuse", await stage.partner("reseller"))):
                    request = await twice.post(f"{path}/access-requests", stage.token(other), asked, **id)
                    request_id = {"request_id": request["request_id"], **id}
                    decided = f"{path}/access-requests/{{request_id}}/{decision}"
                    await twice.post(decided, inviter, **request_id)
                await twice.post(f"{path}/decline", stage.token(reseller), {"token": token_of(again)}, **id)
            else:
                await twice.post(f"{path}/revoke", inviter, **id)
        await _partnerships_twice(
            twice.also({"partnership", "partnership-request", "profile"}), stage, provider, reseller
        )
        await _customers_twice(twice, stage, reseller)
        await _matches_twice(twice, stage)
        await _record_twice(twice.also({"reseller-of-record"}), stage)
        assert await twice.missed() == set()


async def _partnerships_twice(twice: Twice, stage: Stage, provider: Company, reseller: Company) -> None:
    """``reseller`` has accepted an invitation of ``provider``."""
    inviter, asker = stage.token(provider), stage.token(reseller)
    (listed,) = await stage.listed(reseller, "/v1/providers")
    pair, reason = {"partnership_id": listed["partnership_id"]}, {"reason": "other"}
    await twice.post("/v1/partnerships/{partnership_id}/end", asker, reason, **pair)
    profile = {"description": "Cloud", "languages": ["de"], "countries_served": [provider.country]}
    assert (await stage.put(provider, "/v1/directory/profile", profile)).is_success
    await twice.post("/v1/directory/profile/publish", inviter)
    path, asked = "/v1/partnership-requests", {"provider_id": provider.organization_id}
    newcomer = stage.token(await stage.partner("reseller"))
    for end, by, answering, body in (
        ("withdraw", asker, asker, None),
        ("decline", asker, inviter, reason),
        ("accept", newcomer, inviter, None),
    ):
        request = await twice.post(path, by, asked)
        id = {"partnership_request_id": request["request_id"]}
        await twice.post(f"{path}/{{partnership_request_id}}/{end}", answering, body, **id)
    await twice.post("/v1/directory/profile/unpublish", inviter)


async def _customers_twice(twice: Twice, stage: Stage, reseller: Company) -> None:
    ends, path = twice.also({"customer"}), "/v1/customers/{customer_id}"
    first, second, third = [await _customer(stage, reseller, count) for count in (1, 2, 3)]
    await _grant_twice(twice.also({"admin-grant", "customer"}), stage, reseller, first)
    await ends.post(f"{path}/end", stage.token(reseller), {}, customer_id=first.organization_id)
    partner = {"partner_id": reseller.partner_id}
    await ends.post("/v1/me/resellers/{partner_id}/end", stage.token(second), {}, **partner)
    staff = stage.token(stage.company("operator"))
    await ends.post(f"{path}/partners/{{partner_id}}/end", staff, {}, customer_id=third.organization_id, **partner)


async def _matches_twice(twice: Twice, stage: Stage) -> None:
    reseller, staff = await stage.partner("reseller"), stage.token(stage.company("operator"))
    path = "/v1/customers/{customer_id}/matches/{imported_id}"
    ways = {
        "/v1/me/matches/{imported_id}/undo": None,
        f"{path}/undo": stage.token(reseller),
        f"{path}/undo-for-the-program": staff,
    }
    for number, (way, by) in enumerate(ways.items(), 1):
        customer = await _customer(stage, reseller, 2 * number - 1)
        imported_id = await _imported(stage, reseller, customer)
        names = {"imported_id": imported_id, "customer_id": customer.organization_id}

        async def moved(imported_id: str = imported_id) -> None:
            await stage.events(RelationshipsMoved.TYPE, lambda data: data.imported_id == imported_id)

        async def restored(imported_id: str = imported_id) -> None:
            await stage.events(ImportedCustomerRestored.TYPE, lambda data: data.imported_id == imported_id)

        confirming = twice.also({"customer"}, settled=moved)
        await confirming.post("/v1/me/matches/{imported_id}/confirm", stage.token(customer), imported_id=imported_id)
        await twice.also({"customer"}, settled=restored).post(way, by or stage.token(customer), **names)


async def _imported(stage: Stage, reseller: Company, customer: Company) -> str:
    """The customer as a portal knows it."""
    number = customer.organization_id[:8]
    command = ImportCustomer(
        portal="office",
        external_id=number,
        name=customer.name,
        country=customer.country,
        partner_id=reseller.partner_id,
    )
    await stage.ask_for_import(command)
    imported_id = derived_id("customer", "office", number)
    await stage.events(CustomerImported.TYPE, lambda data: data.customer_id == imported_id)
    return imported_id


async def _record_twice(twice: Twice, stage: Stage) -> None:
    provider, reseller, customer = (
        await stage.partner("provider"),
        await stage.partner("reseller"),
        stage.company("customer"),
    )
    await stage.connected(provider, reseller)
    joint = await stage.invited(reseller, "customer-joint", provider_id=provider.organization_id)
    assert (await stage.accept(customer, joint)).is_success
    await stage.listed(provider, "/v1/customers")
    path = f"/v1/customers/{customer.organization_id}/subscriptions/A-1/reseller-of-record"
    record = (await stage.put(provider, path, {"partner_id": reseller.partner_id})).json()
    await twice.post(
        "/v1/resellers-of-record/{record_id}/end", stage.token(reseller), {}, record_id=record["record_id"]
    )


async def _customer(stage: Stage, reseller: Company, count: int) -> Company:
    """One more customer of the reseller, which then has so many."""
    customer = stage.company("customer")
    assert (await stage.accept(customer, await stage.invited(reseller, "customer"))).is_success
    await stage.listed(reseller, "/v1/customers", count)
    return customer


async def _grant_twice(twice: Twice, stage: Stage, reseller: Company, customer: Company) -> None:
    partner, served = stage.token(reseller), stage.token(customer)
    wish = {"name": "Hilfe", "roles": ["user-administrator"], "days": 60}
    names = {"customer_id": customer.organization_id}
    grant = await twice.post("/v1/customers/{customer_id}/admin-grants", partner, wish, **names)
    id = {"grant_id": grant["grant_id"]}

    async def active() -> None:
        """Approved, it is held for authorization checks and then active."""
        await stage.events(AdminGrantActivated.TYPE, lambda data: data.grant.grant_id == grant["grant_id"])

    approving = twice.also({"admin-grant", "customer"}, settled=active)
    await approving.post("/v1/admin-grants/{grant_id}/approve", served, **id)
    await twice.post("/v1/admin-grants/{grant_id}/end", served, {}, **id)
