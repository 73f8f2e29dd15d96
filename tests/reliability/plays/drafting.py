"""enrollment: drafts that are checked, deleted and copied, mailboxes by exception, and closed enrollments that are erased."""

from collections.abc import Mapping
from typing import Any

from reliability.client import Client, SurpriseError
from reliability.history import ExpectedMail
from reliability.plays.enrolling import Application, contact_at, support_of
from reliability.plays.people import sign_up
from reliability.scene import Scene, expects

HERE = "enrollment"
TAKEN_BACK = "Der Antrag wurde zurückgenommen"
PERSONS = ("primary_contact", "support_contact")


async def delete_a_draft(client: Client, scene: Scene) -> None:
    """The staff accept a mailbox that the rules refuse. The company enters it, or it is refused again; the draft is deleted."""
    email, organization, token = await sign_up(client, scene)
    mine = Application(client, token, organization)
    await mine.start()
    checked = {"primary_contact": contact_at(email), "support_contact": support_of(email)}
    await mine.do("validate-draft", "validate", checked, [])
    role = f"info@{client.word()}.example"
    staff = scene.stage.operator.token
    exceptions = f"/v1/reviews/{mine.id}/mailbox-exceptions"
    granted = expects("enrollment.mailbox-exception-granted", enrollment_id=mine.id)
    mail = ExpectedMail(email, f"(?s)als\\s+Ausnahme.*{role}")
    body = {"email": role, "reason": "Eine Person allein liest es."}
    await mine.ask("accept-mailbox", "POST", exceptions, body, token=staff, then=lambda _: ([granted], [mail], []))
    path = f"{mine.path}/primary-contact"
    if client.random.random() < 0.5:
        await mine.ask("give-contact", "PUT", path, contact_at(role))
    else:
        again = expects("enrollment.mailbox-exception-withdrawn", enrollment_id=mine.id)
        path = f"{exceptions}/withdraw"
        await mine.ask("refuse-mailbox", "POST", path, {"email": role}, token=staff, then=lambda _: ([again], [], []))
        await client.probe_command(HERE, "PUT", f"{mine.path}/primary-contact", contact_at(role), token, organization)
    await _erased(client, scene, mine, [ExpectedMail(email, TAKEN_BACK)], taken_back=True)


async def copy_and_erase(client: Client, scene: Scene) -> None:
    """Submitted and withdrawn, copied into a new draft, and erased: the copy stays, and is deleted under another name."""
    if not scene.profiles:
        return
    partner_id = scene.profiles.pop()
    email, organization, token = await sign_up(client, scene)
    first = Application(client, token, organization)
    await first.start()
    await first.give_information(partner_id, email)
    await first.do("submit", "submit", None, [ExpectedMail(email, "/verify-contact/")])
    withdrawn = expects("enrollment.enrollment-withdrawn", enrollment_id=first.id)
    await first.do("withdraw", "withdraw", {}, [ExpectedMail(email, TAKEN_BACK)], [withdrawn])
    scene.profiles.append(partner_id)
    copy = Application(client, token, organization)
    await copy.start(copy_from=first.id)
    shown = await client.read(HERE, copy.path, token)
    if (shown["missing"], shown["primary_contact"]["email"]) != (["partner_id"], email):
        raise SurpriseError(f"{copy.path} is no copy of {first.path}: {shown['missing']} is missing")
    await _erased(client, scene, first, [])
    # Another name, because two mails must not say the same.
    await copy.tell(f"Unruh Kopie {client.word()}", email)
    await _erased(client, scene, copy, [ExpectedMail(email, f"Unruh Kopie.*{TAKEN_BACK}")], taken_back=True)


async def _erased(
    client: Client, scene: Scene, mine: Application, mails: list[ExpectedMail], *, taken_back: bool = False
) -> None:
    """``taken_back``: it was a draft."""
    names = ("enrollment-withdrawn", "enrollment-erased") if taken_back else ("enrollment-erased",)
    events = [expects(f"enrollment.{name}", enrollment_id=mine.id) for name in names]
    await client.probe_command(HERE, "DELETE", mine.path, {}, scene.stranger, mine.organization)
    shown: Mapping[str, Any] = await mine.ask("erase", "DELETE", mine.path, None, then=lambda _: (events, mails, []))
    if left := [name for name in PERSONS if shown[name]]:
        raise SurpriseError(f"{mine.path} was erased and still has {', '.join(left)}")
