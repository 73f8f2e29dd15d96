"""Fields of notifications."""

from collections.abc import Mapping

from kontor_contracts.fields.text import KEY, USER, Text

NOTIFICATIONS: Mapping[str, Text] = {
    # -- notifications
    "AttemptView.at": Text("When the attempt ended."),
    "AttemptView.outcome": Text(
        "sent, or why it failed, such as unknown-mailbox, mailbox-full, busy or relay.", "busy"
    ),
    "words": Text("What the mail server said, without addresses; null if nothing.", "450 mailbox busy"),
    "log": Text("The last attempts that are over, the oldest first; at most 20."),
    "ambiguous": Text("The mail may have been delivered twice: a server's answer was lost."),
    "attempts": Text("So many attempts were made.", 1),
    "cause_id": Text("The message that the mail is about.", KEY),
    "first_attempt_at": Text("When the first attempt was made."),
    "last_attempt_at": Text("When the last attempt was made."),
    "last_error": Text("The mail server's last answer, without addresses.", "450 mailbox busy"),
    "mail_id": Text("The mail.", KEY),
    "next_attempt_at": Text("When the next attempt will be made."),
    "queued_at": Text("When the mail was queued."),
    "template": Text("Which mail it is.", "user-invited"),
    "MailView.address": Text("The whole address, for those who may manage mails; else null.", "anna@company.example"),
    "cause_subject": Text("What that message is about.", f"invitation:{KEY}"),
    "copies": Text("So often it was sent once more after it had been sent.", 0),
    "failure": Text("Why it was not delivered; null: there was no trouble.", "unknown-mailbox"),
    "retry_until": Text("The staff can have it tried again until then; null: they cannot."),
    "MailOrderForm.reason": Text("Why, for the activity log.", "The relay refused it by mistake."),
    "MailsRetryForm.reason": Text("Why, for the activity log.", "The relay was on a blocklist."),
    "MailsRetryForm.since": Text("Queued at this moment or later."),
    "MailsRetryForm.until": Text("Queued before this moment."),
    "MailsRetriedView.mails": Text("So many mails are tried again.", 12),
    "MailsRetriedView.more": Text("Others of the class are left for the next request."),
    "suppression_id": Text("The suppression; it is derived from the address.", KEY),
    "SuppressionView.address": Text("The address, masked.", "a***@company.example"),
    "SuppressionView.reason": Text("Why no mail goes to the address; null: mails go there."),
    "SuppressionEntryView.reason": Text("Why it was suppressed; null: it was lifted."),
    "SuppressionEntryView.by": Text("Who did it: user: or service:, and an id.", f"user:{USER}"),
    "SuppressionEntryView.note": Text("The staff's words.", "The mailbox exists now."),
    "SuppressForm.note": Text("Why, for the activity log.", "The owner asked for it by phone."),
    "LiftForm.note": Text("Why, for the activity log.", "The mailbox exists now."),
    "soft_bounces": Text("So many mails came back for now, one after the other.", 0),
    "MailCategoryView.category": Text("The category's id.", "reminders"),
    "MailCategoryView.description": Text(
        "What its mails are about.", "Reminders of what you already had a mail about."
    ),
    "MailCategoryView.mandatory": Text("It cannot be muted."),
    "MailCategoryView.muted": Text("Its mails are not sent to the caller."),
    "MailCategoryView.name": Text("The category's name, in the caller's language.", "Reminders"),
    "MailPreferencesForm.muted": Text("All categories that are to be muted from now on.", ["reminders"]),
    "MailPreferencesForm.language": Text("The language of the mails; null: that of the account."),
    "MailPreferencesView.categories": Text("All categories, the optional ones first."),
    "MailPreferencesView.language": Text("The language of the mails; null: that of the account."),
}
