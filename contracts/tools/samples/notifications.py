"""The fate of a mail."""

from collections.abc import Iterator
from datetime import timedelta

from kontor_contracts import notifications
from samples.cast import BEGIN, Cast, Sample


def samples(cast: Cast) -> Iterator[Sample]:
    """Every message of notifications once, in the order in which a company would live through them."""
    mail = cast.id("mail")
    about = {"mail_id": mail, "template": "invitation-sent", "cause_id": cast.id("message/invitation-sent")}
    yield Sample(notifications.MailQueued.model_validate(about), f"mail:{mail}", 1)
    yield Sample(notifications.MailSent.model_validate({**about, "attempts": 2}), f"mail:{mail}", 2)
    why = {"attempts": 3, "reason": "refused-by-server", "detail": "550 5.1.1 mailbox unknown"}
    withdrawn = {**about, "attempts": 1, "cause_subject": f"invitation:{cast.id('invitation')}"}
    yield Sample(notifications.MailWithdrawn.model_validate(withdrawn), f"mail:{mail}", 2)
    yield Sample(notifications.MailAbandoned.model_validate({**about, **why}), f"mail:{mail}", 2)
    waits = {
        "failure": "policy",
        "detail": "450 4.7.1 try again later",
        "next_attempt_at": BEGIN + timedelta(minutes=20),
    }
    yield Sample(notifications.MailDeferred.model_validate({**about, "attempts": 3, **waits}), f"mail:{mail}", 2)
    suppressed = {**about, "attempts": 0, "reason": "unknown-mailbox"}
    yield Sample(notifications.MailSuppressed.model_validate(suppressed), f"mail:{mail}", 2)
    ordered = {key: about[key] for key in ("mail_id", "template")} | {
        "order": "retry",
        "reason": "The mailbox exists now.",
    }
    whose = {"organization_id": cast.id("organization/reseller")}
    yield Sample(notifications.MailOrdered.model_validate({**ordered, **whose}), f"mail:{mail}", 3)
    address = f"suppression:{cast.id('suppression')}"
    until = BEGIN + timedelta(days=30)
    listed = notifications.AddressSuppressed(reason="unknown-mailbox", until=until)
    yield Sample(listed, address, 1)
    yield Sample(notifications.SuppressionLifted(note="The mailbox exists now."), address, 2)
    yield Sample(notifications.MailSkipped.model_validate({**about, "reason": "muted"}), f"mail:{mail}", 2)
    chosen = notifications.MailPreferencesChanged(muted=("reminders",), language="de", user_id=cast.id("admin"))
    yield Sample(chosen, f"preferences:{cast.id('preferences')}", 1)
