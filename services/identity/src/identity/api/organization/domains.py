"""HTTP: the claimed and proved domains of the caller's organization."""

import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, status
from pydantic import BaseModel

from chassis import (
    Form,
    Handler,
    MongoStore,
    Once,
    Page,
    PageQuery,
    Principal,
    ProblemError,
    TakenError,
    derived_id,
    new_router,
    not_found,
    require,
)
from identity.documents import DOMAIN
from identity.domain.domain_claim import RECORD, Claim, ClaimDomain, Command, ProveDomain, ReleaseDomain
from identity.people.dns_proof import Domain, Resolver
from identity.people.lookup import calling_user

Reader = Annotated[Principal, require("organization:read")]
Writer = Annotated[Principal, require("domains:write")]
Name = Annotated[Domain, Path(max_length=253)]
CLAIMED = ["claimed", "proved"]


class NewDomain(Form):
    domain: Domain


class DnsRecord(BaseModel):
    """Add this record to the domain's zone. Remove it when the domain is proved."""

    name: str
    type: Literal["TXT"] = "TXT"
    value: str


class DomainView(BaseModel):
    domain: str
    status: Literal["claimed", "proved", "released"]
    record: DnsRecord | None
    claimed_at: datetime | None
    proved_at: datetime | None


def router(store: MongoStore, handler: Handler, resolver: Resolver) -> APIRouter:
    routes = new_router("/v1/organizations/{organization_id}/domains", tags=["organizations"])

    async def carry_out(caller: Principal, once: Once, domain: str, command: Command) -> Any:
        id = _id(caller.organization_id, domain)
        try:
            outcome = await handler.handle(DOMAIN, id, command, once.cause(caller), answer=_answer)
        except TakenError as error:
            raise _proved_by_another() from error
        return outcome.answer

    @routes.get("")
    async def list_domains(organization_id: str, paging: PageQuery, caller: Reader) -> Page[DomainView]:
        _own(organization_id, caller)
        where = {"tenant": organization_id, "state.status": {"$in": CLAIMED}}
        found = await store.find(DOMAIN, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, DomainView.model_validate(_answer(claim))) for id, claim in found])

    @routes.post("", status_code=status.HTTP_201_CREATED, response_model=DomainView)
    async def claim_domain(organization_id: str, body: NewDomain, once: Once, caller: Writer) -> Any:
        """Claim a domain. The answer has the TXT record that proves it. 409 if another organization has proved it."""
        _own(organization_id, caller)
        await calling_user(store, caller)
        proved = await store.find(DOMAIN, {"uk.domain": body.domain}, limit=1)
        if proved and proved[0][1].organization_id != organization_id:
            raise _proved_by_another()
        challenge = f"kontor-domain={secrets.token_urlsafe(24)}"
        at = once.cause(caller).time
        command = ClaimDomain(organization_id=organization_id, domain=body.domain, challenge=challenge, at=at)
        return await carry_out(caller, once, body.domain, command)

    @routes.post("/{domain}/verify", response_model=DomainView)
    async def verify_domain(organization_id: str, domain: Name, once: Once, caller: Writer) -> Any:
        """Look up the TXT record now. 409 if it is missing, or if another organization has proved the domain."""
        _own(organization_id, caller)
        await calling_user(store, caller)
        claim = await store.get(DOMAIN, _id(organization_id, domain))
        if claim is None or claim.status not in CLAIMED:
            raise not_found("domain")
        command = ProveDomain(found=await resolver.texts(domain), at=once.cause(caller).time)
        return await carry_out(caller, once, domain, command)

    @routes.post("/{domain}/release", response_model=DomainView)
    async def release_domain(organization_id: str, domain: Name, once: Once, caller: Writer) -> Any:
        """Give up the domain, proved or not. Another organization may prove it then."""
        _own(organization_id, caller)
        await calling_user(store, caller)
        if await store.get(DOMAIN, _id(organization_id, domain)) is None:
            raise not_found("domain")
        return await carry_out(caller, once, domain, ReleaseDomain())

    return routes


def _id(organization_id: str, domain: str) -> str:
    return DOMAIN.id(derived_id("domain", organization_id, domain))


def _own(organization_id: str, caller: Principal) -> None:
    if organization_id != caller.organization_id:
        raise not_found("organization")


def _proved_by_another() -> ProblemError:
    detail = "another organization has proved this domain; ask its administrators to release it"
    return ProblemError(409, "domain-taken", detail, field="domain")


def _answer(claim: Claim) -> dict[str, Any]:
    record = {"name": f"{RECORD}.{claim.domain}", "type": "TXT", "value": claim.challenge}
    return {
        "domain": claim.domain,
        "status": claim.status,
        "record": record if claim.status == "claimed" else None,
        "claimed_at": claim.claimed_at.isoformat() if claim.claimed_at else None,
        "proved_at": claim.proved_at.isoformat() if claim.proved_at else None,
    }
