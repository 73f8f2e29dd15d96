"""Mails over HTTP. An organization sees the mails that it caused; the program's staff see all."""

from typing import Annotated, Any

from fastapi import APIRouter

from chassis import MongoStore, Page, PageQuery, Principal, new_router, not_found, require
from notifications.api.views import MailView, ShownStatus, mail_view
from notifications.documents import MAIL

Reader = Annotated[Principal, require("mails:read")]


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/mails", tags=["mails"])

    @routes.get("")
    async def list_mails(caller: Reader, paging: PageQuery, status: ShownStatus | None = None) -> Page[MailView]:
        where: dict[str, Any] = _visible(caller)
        if status is not None:
            where["state.status"] = status
        found = await store.find(MAIL, where, limit=paging.limit + 1, after=paging.after)
        return paging.page([(id, mail_view(mail)) for id, mail in found])

    @routes.get("/{mail_id}")
    async def show_mail(caller: Reader, mail_id: str) -> MailView:
        found = await store.get(MAIL, MAIL.id(mail_id))
        if found is None or not _may_see(caller, MAIL.tenant(found)):
            raise not_found("mail")
        return mail_view(found)

    return routes


def _visible(caller: Principal) -> dict[str, Any]:
    return {} if caller.organization_kind == "operator" else {"tenant": caller.organization_id}


def _may_see(caller: Principal, tenant: str | None) -> bool:
    return caller.organization_kind == "operator" or tenant == caller.organization_id
