"""What the program's staff do with mails: try one again, send a copy, stop one, try many of a class again."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chassis import (
    Cause,
    Form,
    Handler,
    MongoStore,
    Once,
    Principal,
    RefusedError,
    list_filter,
    new_router,
    not_found,
    require,
)
from kontor_contracts.values import Id, Line, Moment
from notifications.api.search import between
from notifications.api.views import ShownStatus
from notifications.documents import MAIL, RETRIAL
from notifications.domain.mail.orders import Order, ResendMail, RetryMail, StopMail
from notifications.domain.mail.state import Mail
from notifications.domain.retrial import MOST_MAILS, SelectMails
from notifications.lists import PROGRAM, list_key

Manager = Annotated[Principal, require("mails:manage")]


class MailOrderForm(Form):
    reason: Line


class MailsRetryForm(Form):
    """Which mails: all that ended in this way, the oldest first."""

    status: Literal["abandoned", "suppressed"] = "abandoned"
    failure: Id | None = None
    template: Id | None = None
    since: Moment | None = None
    until: Moment | None = None
    limit: int = Field(default=MOST_MAILS, ge=1, le=MOST_MAILS)
    reason: Line


class OrderedMailView(BaseModel):
    mail_id: str
    status: ShownStatus


class MailsRetriedView(BaseModel):
    mails: int
    more: bool


def router(store: MongoStore, handler: Handler) -> APIRouter:
    routes = new_router("/v1/mails", tags=["mails"])
    _one(routes, store, handler)
    _many(routes, store, handler)
    return routes


def _one(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    async def carry_out(mail_id: str, command: Order, cause: Cause) -> OrderedMailView:
        found = await store.get(MAIL, MAIL.id(mail_id))
        if found is None:
            raise not_found("mail")
        outcome = await handler.handle(
            MAIL, MAIL.id(mail_id), command, cause, answer=lambda state: _told(mail_id, state)
        )
        return OrderedMailView.model_validate(outcome.answer)

    @routes.post("/{mail_id}/retry")
    async def retry_mail(mail_id: str, form: MailOrderForm, once: Once, caller: Manager) -> OrderedMailView:
        """Send a mail that waits, was given up or was suppressed now. It keeps its Message-ID, and its schedule begins again.

        Lift the suppression of the address first. 409 `mail-link-erased` 14 days after the mail was given up.
        """
        cause = once.cause(caller)
        return await carry_out(mail_id, RetryMail(at=cause.time, reason=form.reason), cause)

    @routes.post("/{mail_id}/resend")
    async def resend_mail(mail_id: str, form: MailOrderForm, once: Once, caller: Manager) -> OrderedMailView:
        """Send a copy of a sent mail, as a new message. 409 `mail-link-erased` for mails with a personal link."""
        cause = once.cause(caller)
        return await carry_out(mail_id, ResendMail(at=cause.time, reason=form.reason), cause)

    @routes.post("/{mail_id}/withdraw")
    async def withdraw_mail(mail_id: str, form: MailOrderForm, once: Once, caller: Manager) -> OrderedMailView:
        """Do not send a mail, now or later. An attempt under way is left to end. 409 `mail-sent` if it was sent."""
        cause = once.cause(caller)
        return await carry_out(mail_id, StopMail(at=cause.time, reason=form.reason), cause)


def _many(routes: APIRouter, store: MongoStore, handler: Handler) -> None:
    @routes.post("/retry")
    async def retry_mails(form: MailsRetryForm, once: Once, caller: Manager) -> MailsRetriedView:
        """Try undelivered mails of one class again, at most 200 with one request.

        `more` says that others are left: send another request, with another Idempotency-Key, once these are through.
        """
        cause = once.cause(caller)
        found = await _chosen(store, form)
        id = RETRIAL.id(once.scope(caller))
        select = SelectMails(tuple(found[: form.limit]), more=len(found) > form.limit)
        selected = (await handler.handle(RETRIAL, id, select, cause)).state
        for mail_id in selected.mail_ids or ():
            try:
                await handler.handle(MAIL, MAIL.id(mail_id), RetryMail(at=cause.time, reason=form.reason), cause)
            except RefusedError:
                # It was sent again, withdrawn or erased meanwhile.
                continue
        return MailsRetriedView(mails=len(selected.mail_ids or ()), more=selected.more)


async def _chosen(store: MongoStore, form: MailsRetryForm) -> list[str]:
    """The oldest of the class that keep what another attempt needs, and one more than asked for if there is one."""
    given = {"failure": form.failure, "template": form.template, "status": form.status}
    first, *rest = [list_key(PROGRAM, **{name: value}) for name, value in given.items() if value is not None]
    kept = [{"state.retry_until": {"$ne": None}}, *between(form.since, form.until)]
    where = list_filter(keys=rest, where=kept)
    return [
        mail.letter.mail_id
        for _, mail in await store.list_page(MAIL, first, where, limit=form.limit + 1)
        if mail.letter is not None
    ]


def _told(mail_id: str, mail: Mail) -> dict[str, str]:
    """No address: this answer is kept for repetitions."""
    return {"mail_id": mail_id, "status": mail.status}
