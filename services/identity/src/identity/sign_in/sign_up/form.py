"""The data of a sign-up, for the API and the page."""

from typing import Literal

from chassis import Form, derived_id
from chassis.http.addresses import Address
from identity.credentials.password_hashing import Password
from identity.domain.sign_up import Applicant
from kontor_contracts.identity import OrganizationProfile
from kontor_contracts.markets import MarketCountry, MarketCulture
from kontor_contracts.values import Name


class NewOrganization(Form):
    """A company. The program's own organization is created by `create-operator`."""

    name: Name
    kind: Literal["provider", "reseller", "customer"]
    country: MarketCountry
    culture: MarketCulture


class SignUpRequest(Form):
    organization: NewOrganization
    full_name: Name
    email: Address
    password: Password


def applicant_of(body: SignUpRequest, scope: str) -> Applicant:
    """``scope``: the ids are derived from it, so that a repeated request gets the same ones."""
    organization = OrganizationProfile(
        organization_id=derived_id(scope, "organization"), **body.organization.model_dump()
    )
    return Applicant(
        user_id=derived_id(scope, "user"),
        organization=organization,
        full_name=body.full_name,
        email=body.email,
        culture=body.organization.culture,
        password_hash="",
    )
