"""What all views share, and the view of an address."""

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AddressView(View):
    line1: str
    line2: str | None
    city: str
    state: str | None
    postal_code: str
