"""Invitations that are not accepted at once: one is declined, one is sent again with a new link."""

from html import escape

from kontor_local.journey.client import UnexpectedError, until
from kontor_local.journey.connecting import invite
from kontor_local.journey.pages import read_forms
from kontor_local.journey.people import Person
from kontor_local.journey.play import Stage

RELUCTANT = Person("Dora Dankelmann", "dora@danke-nein.example", "de", "")
SLOW = Person("Leo Langsam", "leo@langsam-im-tal.example", "de", "")
REASON = "Wir haben schon einen Reseller."


async def an_addressee_declines(on: Stage) -> str:
    """On the page behind the link, without an account."""
    api = on.api("relationships", on.reseller.admin)
    draft = await invite(on, on.reseller, "customer", RELUCTANT)
    path = f"/v1/invitations/{draft['invitation_id']}"
    await api.post(f"{path}/send")
    link = await _mailed(on, RELUCTANT.email)
    page = link.replace("?", "/decline?", 1)
    visitor = on.api("relationships")
    (form,) = read_forms(await visitor.page(page))
    await visitor.submit(page, {**form.fields, "reason": REASON})
    told = await on.mail(on.reseller.admin.email, REASON)
    seen = await api.get(path)
    if (seen["status"], seen["answer"]["reason"]) != ("declined", REASON):
        raise UnexpectedError(f"the invitation is {seen['status']} with {seen['answer']}")
    return f"{RELUCTANT.name} declined without an account; {told.to[0]} reads why"


async def an_invitation_is_sent_again(on: Stage) -> str:
    """With a new link, which voids the first one."""
    api = on.api("relationships", on.reseller.admin)
    draft = await invite(on, on.reseller, "customer", SLOW)
    path = f"/v1/invitations/{draft['invitation_id']}"
    await api.post(f"{path}/send")
    first = await _mailed(on, SLOW.email)
    await api.refused("POST", f"{path}/send", None, status=409, code="already-sent")
    await api.post(f"{path}/resend")

    async def links() -> list[str]:
        mails = [mail for mail in on.stack.mailbox.mails() if SLOW.email in mail.to]
        return [link for mail in mails for link in mail.links if "/invitations/" in link and link != first]

    (second, *_) = await until(links, bool, "a mail with a new link")
    page = await on.api("relationships").page(second)
    if escape(on.reseller.name) not in page:
        raise UnexpectedError("the new link does not open the invitation")
    token = dict(pair.split("=", 1) for pair in first.partition("?")[2].split("&"))["token"]
    decline = {"token": token}
    await on.api("relationships", on.customer.admin).refused(
        "POST", f"{path}/decline", decline, status=403, code="link-invalid"
    )
    return "the second mail has a new link, and the first one is void"


async def _mailed(on: Stage, email: str) -> str:
    mail = await on.mail(email, "/invitations/")
    return next(link for link in mail.links if "/invitations/" in link)
