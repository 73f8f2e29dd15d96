"""Steps 1 to 5: the registry, enrollment with its refusals, verification by mail, review, agreement, people and roles."""

import csv
from importlib.resources import files
from urllib.parse import urljoin

from kontor_local.journey.client import Api, UnexpectedError, until
from kontor_local.journey.pages import read_forms
from kontor_local.journey.people import Company, Person
from kontor_local.journey.play import Stage

PROFILES = files("kontor_local") / "data" / "partner_profiles.csv"


async def operator_signs_in(on: Stage) -> str:
    temporary = await on.stack.operator(on.operator.email, on.operator.name)
    await first_sign_in(on, on.operator, temporary)
    return f"{on.operator.name} has changed the temporary password"


async def registry_is_loaded(on: Stage) -> str:
    api = on.api("enrollment", on.operator)
    answer = await api.post_csv("/v1/partner-profiles/import", PROFILES.read_text(encoding="utf-8"))
    if answer["failed"] or not answer["imported"]:
        raise UnexpectedError(f"the registry did not take every row: {answer}")
    return f"{answer['imported']} organization profiles from partner_profiles.csv"


async def provider_is_enrolled(on: Stage) -> str:
    await sign_up(on, on.provider)
    await start_enrollment(on, on.provider)
    await give_information(on, on.provider)
    await submit(on, on.provider)
    await contact_confirms(on, on.provider)
    await operator_approves_and_company_signs(on, on.provider)
    return f"{on.provider.name} went through the same enrollment as every company"


async def reseller_signs_up(on: Stage) -> str:
    await sign_up(on, on.reseller)
    await start_enrollment(on, on.reseller)
    return f"{on.reseller.admin.name} opened an enrollment for {on.reseller.name}"


async def wrong_information_is_refused(on: Stage) -> str:
    company, api = on.reseller, on.api("enrollment", on.reseller.admin)
    path = f"/v1/enrollments/{company.enrollment_id}"
    gmail = {"name": "Anna Schäfer", "email": "anna.schaefer@gmail.com", "phone": "+49 30 1234567", "culture": "de"}
    webmail = await api.refused("PUT", f"{path}/primary-contact", gmail, status=422, code="webmail-address")
    foreign = membership(company) | {"partner_id": "4711002"}
    await api.refused("PUT", f"{path}/partner-id", foreign, status=422, code="partner-id-other-country")
    return f"web mail: {webmail['detail']}; a partner id of another country likewise"


async def reseller_submits(on: Stage) -> str:
    company, api = on.reseller, on.api("enrollment", on.reseller.admin)
    found = await api.post("/v1/partner-profiles/lookup", membership(company))
    await give_information(on, company)
    await submit(on, company)
    return f"chose partner id {company.partner_id} out of {len(found['items'])}, submitted"


async def primary_contact_confirms(on: Stage) -> str:
    await contact_confirms(on, on.reseller)
    return f"{on.reseller.contact_email} opened the link, then pressed the button"


async def reseller_is_activated(on: Stage) -> str:
    await operator_approves_and_company_signs(on, on.reseller)
    return f"{on.reseller.admin.name} is admin agent now"


async def second_user_gets_a_role(on: Stage) -> str:
    admin, zoe = on.reseller.admin, on.reseller.others[0]
    api = on.api("identity", admin)
    user = {"full_name": zoe.name, "email": zoe.email, "culture": zoe.culture, "roles": ["helpdesk-agent"]}
    added = await api.post("/v1/users", user, expect=201)
    zoe.user_id = added["user_id"]
    if "temporary_password" in await api.get(f"/v1/users/{zoe.user_id}"):
        raise UnexpectedError("the temporary password is shown a second time")
    await address_is_proved(on, zoe, added["temporary_password"])
    await first_sign_in(on, zoe, added["temporary_password"])
    await on.api("relationships", zoe).get("/v1/customers")
    refused = {"full_name": "Nobody", "email": "nobody@mueller-soehne.example", "culture": "en", "roles": []}
    await on.api("identity", zoe).refused("POST", "/v1/users", refused, status=403, code="forbidden")
    return f"{zoe.name} sees customers and may not add users"


# -- the moves that every company makes


def membership(company: Company) -> dict[str, str]:
    """The sign-in to the membership registry, from the same file the operator loads."""
    rows = csv.DictReader(PROFILES.read_text(encoding="utf-8").splitlines())
    code = next(row["access_code"] for row in rows if row["membership_account"] == company.membership_account)
    return {"membership_account": company.membership_account, "access_code": code}


async def sign_up(on: Stage, company: Company) -> None:
    who = company.admin
    organization = {"name": company.name, "kind": company.kind, "country": "DE", "culture": "de"}
    body = {"organization": organization, "full_name": who.name, "email": who.email, "password": who.password}
    created = await on.api("identity").post("/v1/sign-up", body, expect=202)
    who.user_id, company.organization_id = created["user_id"], created["organization_id"]
    await address_is_proved(on, who, who.password)
    await on.sign_in(who)


async def address_is_proved(on: Stage, who: Person, password: str) -> None:
    """Nothing can be done before; then open the mailed page, give the password and press the button."""
    early = {"grant_type": "password", "email": who.email, "password": password}
    await on.api("identity").refused("POST", "/v1/token", early, status=401, code="invalid-credentials")
    browser = on.api("identity")
    mail = await on.mail(who.email, r"/verify-address")
    link = next(link for link in mail.links if "/verify-address" in link)
    form = read_forms(await browser.page(link))[0]
    await browser.submit(urljoin(link, form.action), form.fields | {"password": password})


async def first_sign_in(on: Stage, who: Person, temporary: str) -> None:
    """Sign in with the temporary password, find that it opens nothing else, change it, sign in."""
    if not (await on.sign_in(who, temporary))["must_change_password"]:
        raise UnexpectedError("a temporary password did not have to be changed")
    await on.api("identity", who).refused("GET", "/v1/me", None, status=403, code="forbidden")
    change = {"current_password": temporary, "new_password": who.password}
    await on.api("identity", who).put("/v1/me/password", change, expect=204)
    await on.sign_in(who)


async def start_enrollment(on: Stage, company: Company) -> None:
    api = on.api("enrollment", company.admin)
    started = await api.post("/v1/enrollments", {"program": company.program}, expect=201)
    company.enrollment_id = started["enrollment_id"]


async def give_information(on: Stage, company: Company) -> None:
    api = on.api("enrollment", company.admin)
    path = f"/v1/enrollments/{company.enrollment_id}"
    address = {"line1": "Nordstraße 12", "line2": "", "city": "Köln", "state": "", "postal_code": "50667"}
    contact = {"name": "Anna Schäfer", "email": company.contact_email, "phone": "+49 221 1234567", "culture": "de"}
    support = {"email": company.support_email, "phone": "+49 221 7654321", "website": "https://hilfe.example"}
    profile = {"company_name": company.name, "address": address, "registration_id": None}
    await api.put(f"{path}/partner-id", membership(company) | {"partner_id": company.partner_id})
    await api.put(f"{path}/profile", profile)
    await api.put(f"{path}/primary-contact", contact)
    await api.put(f"{path}/support-contact", support)


async def submit(on: Stage, company: Company) -> None:
    api = on.api("enrollment", company.admin)
    await api.post(f"/v1/enrollments/{company.enrollment_id}/submit")


async def contact_confirms(on: Stage, company: Company) -> None:
    browser = on.api("enrollment")
    mail = await on.mail(company.contact_email, r"/verify-contact/")
    link = next(link for link in mail.links if "/verify-contact/" in link)
    form = read_forms(await browser.page(link))[0]
    if await enrollment_status(on.api("enrollment", company.admin), company) != "contact-pending":
        raise UnexpectedError("opening the link confirmed something")
    confirm = next(button for button in form.buttons if button[1] == "confirm")
    await browser.submit(link if not form.action.startswith("http") else form.action, form.fields | dict([confirm]))
    if await enrollment_status(on.api("enrollment", company.admin), company) != "in-review":
        raise UnexpectedError("the button did not confirm")
    await on.mail(company.contact_email, r"(?i)prüf|review")


async def operator_approves_and_company_signs(on: Stage, company: Company) -> None:
    path = f"/v1/enrollments/{company.enrollment_id}"
    review = on.api("enrollment", on.operator)
    await review.post(f"{path}/review", {"decision": "approve", "reason": None})
    await on.mail(company.contact_email, r"(?i)vereinbarung|vertrag|agreement")
    api = on.api("enrollment", company.admin)
    version = (await api.get("/v1/agreements/current"))["version"]
    await api.post(f"{path}/agreement", {"version": version, "accepted": True})
    if await enrollment_status(api, company) != "active":
        raise UnexpectedError("the signed enrollment is not active")
    await on.mail(company.contact_email, r"(?i)\baktiv|active")
    me = on.api("identity", company.admin)
    await until(lambda: me.get("/v1/me"), lambda seen: "admin-agent" in seen["roles"], "the role admin-agent")
    await on.sign_in(company.admin)


async def enrollment_status(api: Api, company: Company) -> str:
    status: str = (await api.get(f"/v1/enrollments/{company.enrollment_id}"))["status"]
    return status
