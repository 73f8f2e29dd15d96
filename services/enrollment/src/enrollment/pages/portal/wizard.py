"""The steps of a draft, as data: which of them are left follows from what the API says is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis import Language
from chassis.http.pages import Visit
from enrollment.pages.portal.inputs import Input
from enrollment.pages.portal.words import word, words_of

PATH = "/enrollment"
READ, SUBMIT, SIGN = "enrollment:read", "enrollment:submit", "enrollment:sign-agreement"
PARTNERS = ("provider", "reseller")
CLOSED = ("rejected", "cancelled", "withdrawn", "expired", "ended")
UNDECIDED = ("draft", "contact-pending", "in-review", "action-required", "qualified")

MAILBOX = {"maxlength": 254, "autocomplete": "off"}
PHONE = Input("phone", "tel", attributes={"maxlength": 40, "autocomplete": "off"})


@dataclass(frozen=True, slots=True)
class Step:
    """``name``: the last part of the page's address. ``gives``: what the API calls missing without it.

    ``part``: of the enrollment, which the step writes; empty: the enrollment itself. ``inputs``: none where the page is
    one of its own.
    """

    name: str
    gives: tuple[str, ...]
    part: str = ""
    inputs: tuple[Input, ...] = ()


PROFILE = (
    Input("company_name", attributes={"maxlength": 200, "autocomplete": "organization"}),
    Input("address.line1", attributes={"maxlength": 200, "autocomplete": "address-line1"}),
    Input("address.line2", required=False, attributes={"maxlength": 200, "autocomplete": "address-line2"}),
    Input("address.postal_code", attributes={"maxlength": 12, "autocomplete": "postal-code"}),
    Input("address.city", attributes={"maxlength": 200, "autocomplete": "address-level2"}),
    Input("address.state", required=False, attributes={"autocomplete": "address-level1"}),
    Input("registration_id", attributes={"maxlength": 40}),
)
SUPPORT = (
    Input("email", "email", attributes=MAILBOX),
    PHONE,
    Input("website", "url", required=False, attributes={"maxlength": 300}),
)
CONTACT = (
    Input("name", attributes={"maxlength": 200, "autocomplete": "off"}),
    Input("email", "email", attributes=MAILBOX),
    PHONE,
    Input("culture", "select", words="languages"),
)
STEPS = (
    Step("partner-id", ("partner_id",)),
    Step("profile", ("company_name", "address", "registration_id"), "", PROFILE),
    Step("primary-contact", ("primary_contact",), "primary_contact", CONTACT),
    Step("support-contact", ("support_contact",), "support_contact", SUPPORT),
)
"""In the order in which a company goes through them."""


def profile_inputs(formats: Mapping[str, Any], *, registration_needed: bool) -> tuple[Input, ...]:
    """The legal profile as the country asks for it."""
    states = [(one["code"], one["name"]) for one in formats["states"]]
    changed = {
        "address.postal_code": Input(
            "address.postal_code", required=formats["postal_code_required"], attributes=PROFILE[3].attributes
        ),
        "address.state": PROFILE[5].offering(states, required=formats["state_required"]),
        "registration_id": Input("registration_id", required=registration_needed, attributes=PROFILE[6].attributes),
    }
    return tuple(changed.get(one.name, one) for one in PROFILE)


def left(enrollment: Mapping[str, Any]) -> list[Step]:
    """The steps that a draft still needs."""
    return [step for step in STEPS if not set(step.gives).isdisjoint(enrollment["missing"])]


def next_page(enrollment: Mapping[str, Any]) -> str:
    """Where the company goes on with its draft."""
    base, steps = page_of(enrollment), left(enrollment)
    return f"{base}/{steps[0].name}" if steps else f"{base}/check"


def page_of(enrollment: Mapping[str, Any]) -> str:
    return f"{PATH}/{enrollment['enrollment_id']}"


def step_rows(enrollment: Mapping[str, Any], language: Language) -> list[tuple[str, str, str, str, str]]:
    """The steps of a draft for `ui.steps`."""
    steps = left(enrollment)
    rows = []
    for step in STEPS:
        state = "current" if steps and step is steps[0] else "open" if step in steps else "done"
        lacking = [name for name in step.gives if name in enrollment["missing"]]
        note = words_of(language, "fields", lacking) if len(step.gives) > 1 else ""
        said = word(language, "step_states", state)
        rows.append((state, said, word(language, "wizard", step.name), f"{page_of(enrollment)}/{step.name}", note))
    state = "open" if steps else "current"
    said = word(language, "step_states", state)
    return [*rows, (state, said, word(language, "wizard", "check"), f"{page_of(enrollment)}/check", "")]


async def enrollment_of(visit: Visit) -> dict[str, Any]:
    """The enrollment of the page's address. Raises ApiProblemError."""
    found: dict[str, Any] = await visit.api.get(f"/v1/enrollments/{visit.path('enrollment_id')}")
    return found


async def all_of(visit: Visit) -> list[dict[str, Any]]:
    """The company's enrollments, the newest first."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await visit.api.get("/v1/enrollments", limit=200, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return sorted(found, key=lambda one: str(one["history"][0]["at"]), reverse=True)
