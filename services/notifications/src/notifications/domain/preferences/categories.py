"""The categories of mails. Each is mandatory or optional as a whole; people choose by category."""

MANDATORY: dict[str, str] = {
    "security": "the safety of your own account",
    "account": "links and words that you need to sign in",
    "program": "decisions and deadlines about your company's place in the program",
    "invitations": "invitations and requests that wait for an answer",
    "relationships": "what others may do for you, or you for them, from now on",
}
"""What nobody can do without, by category."""
OPTIONAL: dict[str, str] = {
    "progress": "news of what you asked for while nothing is to be done",
    "reminders": "reminders of what you already had a mail about",
    "answers": "answers to your invitations and requests",
    "partners": "news of your partners while nothing changes for you",
}
"""What a reader may do without, by category."""
