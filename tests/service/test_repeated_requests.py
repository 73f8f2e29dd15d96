"""Every POST that takes an Idempotency-Key, sent twice with one: the first answer, and nothing more happens."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from harness.documents import Documents
from harness.running import Running
from harness.tokens import Tokens
from harness.topics import Topics
from service.enrollment.company import Mail, new_company, operator, press
from service.identity.company import Person, some_email
from service.relationships.stage import Stage, token_of
from service.twice import Twice

from enrollment.registry import COLUMNS

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
        twice = Twice(running, mongo, {"enrollment", "profile"})
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
        await twice.post(f"{path}/review", staff, {"decision": "approve"}, **ours)
        version = (await company.get("/v1/agreements/current"))["version"]
        await twice.post(f"{path}/agreement", company.headers(), {"version": version, "accepted": True}, **ours)
        assert await twice.missed() == set()


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
        assert await twice.missed() == set()
