"""Mails over HTTP. An organization sees the mails that it caused; the program's staff see all."""

from fastapi import APIRouter

from chassis import MongoStore, Page, PageQuery, Principal, new_router, not_found
from notifications.api.search import MailsQuery, Reader, may_see
from notifications.api.views import MailView, mail_view
from notifications.documents import MAIL
from notifications.domain.mail.state import Mail

MANAGES = "mails:manage"


def router(store: MongoStore) -> APIRouter:
    routes = new_router("/v1/mails", tags=["mails"])

    @routes.get("")
    async def list_mails(caller: Reader, paging: PageQuery, wanted: MailsQuery) -> Page[MailView]:
        """The mails about the caller's organization; the program's staff see those of all. Newest first by default."""
        found = await store.list_page(
            MAIL,
            wanted.key,
            wanted.where,
            limit=paging.limit + 1,
            after=paging.after,
            descending=wanted.descending,
        )
        return paging.page([(order, _view(mail, caller)) for order, mail in found])

    @routes.get("/{mail_id}")
    async def show_mail(caller: Reader, mail_id: str) -> MailView:
        """One mail with its attempts. 404 for a mail of another organization."""
        found = await store.get(MAIL, MAIL.id(mail_id))
        if found is None or not may_see(caller, MAIL.tenant(found)):
            raise not_found("mail")
        return _view(found, caller)

    return routes


def _view(mail: Mail, caller: Principal) -> MailView:
    return mail_view(mail, whole=MANAGES in caller.permissions and caller.organization_kind == "operator")
