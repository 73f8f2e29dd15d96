"""Holds a legal profile to the rules of its country before a command is made of it."""

from collections.abc import Sequence

from chassis import FaultyFormError, FormFault
from enrollment.api.forms import ProfileForm
from enrollment.country_rules import address_faults, registration_id_faults
from enrollment.domain.enrollment.company import company_name_fault
from enrollment.domain.enrollment.state import Address


def address_of(form: ProfileForm, country: str) -> Address:
    """Raises FaultyFormError with all faults of the form."""
    refuse_faults(profile_faults(form, country))
    facts = form.address.model_dump()
    return Address(**facts | {"postal_code": form.address.postal_code or ""})


def profile_faults(form: ProfileForm, country: str) -> list[FormFault]:
    """All that is wrong with a legal profile, in the order of the form.

    A company name that is wrong alone is left to the domain, whose refusal has a code of its own.
    """
    others = [
        *address_faults(form.address.postal_code, form.address.state, country),
        *registration_id_faults(form.registration_id, country),
    ]
    fault = company_name_fault(form.company_name) if others else None
    if fault is None:
        return others
    german = (
        "Geben Sie den vollständigen eingetragenen Namen des Unternehmens an, nicht nur die Rechtsform oder Zeichen."
    )
    return [FormFault("company_name", f"{fault[0].upper()}{fault[1:]}.", german), *others]


def refuse_faults(faults: Sequence[FormFault]) -> None:
    if faults:
        raise FaultyFormError(faults)
