"""What a mail server's reply means for the mail: a table, read from above, the first line that fits.

A reply has a code (RFC 5321), often an enhanced code (RFC 3463, registry of RFC 5248) and a text. Texts differ between servers,
so each line names where its words or its code come from. A reply of class 4 never ends a mail, whatever its text says.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Failure = Literal[
    "unknown-mailbox",
    "mailbox-disabled",
    "mailbox-full",
    "too-large",
    "content",
    "no-smtputf8",
    "busy",
    "unclear",
    "policy",
    "rate",
    "relay",
    "no-answer",
    "unwritable",
]
"""Why an attempt failed. ``relay``: our mail server, or its standing; ``unclear``: a refusal that does not say why."""

Stage = Literal["mail", "rcpt", "data"]
"""The command that was answered. What is said before the recipient is named (``mail``) concerns every mail."""

FINAL = 500
"""Replies from here on are permanent (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``enhanced``: of the enhanced code without its class, such as ``1.1``; ``code``, ``words``: of the rest. All must fit."""

    failure: Failure
    source: str
    code: str = ""
    enhanced: str = ""
    words: str = ""
    stages: tuple[Stage, ...] = ("mail", "rcpt", "data")


@dataclass(frozen=True, slots=True)
class Treatment:
    """``ends``: the mail is given up at once. ``trouble``: ours or the server's, so it uses up no attempt, and mails to the same

    domain wait together. ``keep``: for so long after its first attempt the mail is tried again. ``suppress``: no further mail
    goes to this address until the suppression is lifted or over.
    """

    ends: bool = False
    trouble: bool = False
    keep: timedelta | None = None
    suppress: bool = False


RULES: tuple[Rule, ...] = (
    Rule("relay", "RFC 4954, 6: authentication required, or failed", code="530|535|538|454"),
    Rule("relay", "RFC 5321, 3.8: 421 before a recipient was named: the server closes", code="421", stages=("mail",)),
    Rule("policy", "RFC 5321, 3.8: 421 to a recipient or its data", code="421", stages=("rcpt", "data")),
    Rule(
        "relay",
        "Postfix, default_rbl_reply: 'blocked using <list>'; Spamhaus, Barracuda and SORBS name themselves",
        words=r"blocked using|black ?list|block ?list|spamhaus|barracuda|sorbs|\brbl\b|dnsbl|bad reputation|poor reputation",
    ),
    Rule("mailbox-full", "RFC 3463, X.2.2: mailbox full", enhanced=r"2\.2"),
    Rule(
        "mailbox-full",
        "RFC 5321, 4.2.2: 452 and 552, 'storage allocation'; Exim and Dovecot: 'quota exceeded', 'mailbox is full'",
        words=r"over ?quota|quota (is )?exceeded|mailbox (is )?full|storage allocation|insufficient storage",
    ),
    Rule("too-large", "RFC 3463, X.2.3 and X.3.4: message too big", enhanced=r"2\.3|3\.4"),
    Rule("too-large", "RFC 1870, 6.1: 552 for a size that is too large", code="552|523", words=r"size|too (large|big)"),
    Rule("mailbox-full", "RFC 5321, 4.2.3: 552 without more: exceeded storage allocation", code="552"),
    Rule(
        "unknown-mailbox",
        "Exchange Online, 5.4.1: the directory does not have the address",
        enhanced=r"4\.1",
        words=r"recipient address rejected|access denied",
    ),
    Rule("unknown-mailbox", "RFC 3463 and 7505: X.1.1, X.1.2, X.1.3, X.1.6, X.1.10", enhanced=r"1\.(1|2|3|6|10)"),
    Rule("relay", "RFC 3463 and 7505: X.1.7, X.1.8, X.7.27: our sender's address", enhanced=r"1\.[789]|7\.27"),
    Rule("mailbox-disabled", "RFC 3463, X.2.1: mailbox disabled", enhanced=r"2\.1"),
    Rule("no-smtputf8", "RFC 6531, 3.7: X.6.7 and X.6.9", enhanced=r"6\.[789]|6\.10"),
    Rule("content", "RFC 3463, X.6: the content cannot be carried", enhanced=r"6\.\d+"),
    Rule("relay", "RFC 3463, X.5: a fault in what we said", enhanced=r"5\.\d+", stages=("mail",)),
    Rule(
        "rate",
        "Gmail 4.7.28, Yahoo TSS04, Outlook 4.7.500: too many mails from us for now",
        words=r"rate ?limit|too many|throttl|unusual rate|too fast|exceeded the|\btss0",
    ),
    Rule(
        "unknown-mailbox",
        "Postfix 'User unknown in … table', Exim 'Unknown user', qmail 'no mailbox here', Gmail 'does not exist'",
        words=(
            r"(user|recipient|mailbox|address|account)( is)? (unknown|not found|does ?n[o']t exist)"
            r"|(unknown|no such|invalid|nonexistent) (user|recipient|mailbox|address|account|person)"
            r"|that you tried to reach does not exist|no mailbox here|not a valid (user|mailbox|recipient)"
        ),
        stages=("rcpt", "data"),
    ),
    Rule(
        "unknown-mailbox",
        "Postfix, 5.4.4: 'Host or domain name not found'; RFC 7505: 5.1.10, null MX",
        words=r"(host|domain)( or domain)?( name)? not found|no such domain|unrouteable address|null mx",
        stages=("rcpt", "data"),
    ),
    Rule("busy", "RFC 6647, 5: greylisting answers 4.7.1 or 4.2.0", code=r"4\d\d", words=r"gr[ae]y.?list"),
    Rule(
        "busy", "Postgrey: 450 4.7.1 or 4.2.0 to the first try of a sender and recipient", code="450", enhanced=r"7\.1"
    ),
    Rule("policy", "RFC 3463, X.7: security or policy", enhanced=r"7\.\d+"),
    Rule("policy", "RFC 3463, X.3 and X.4: the mail system or the network", code=r"5\d\d", enhanced=r"[34]\.\d+"),
    Rule("unknown-mailbox", "RFC 5321, 4.2.3: 551 not local; 553 name not allowed", code="551|553", stages=("rcpt",)),
    Rule("relay", "RFC 5321, 4.2.3: a sender that is refused concerns all mails", code=r"5\d\d", stages=("mail",)),
    Rule("busy", "RFC 5321, 4.2.1: class 4 is for now", code=r"4\d\d"),
    Rule("unclear", "RFC 5321, 4.2.3: 550 is 'not found, no access, or rejected for policy reasons'", code=r"5\d\d"),
)

TROUBLE = Treatment(trouble=True, keep=timedelta(days=3))
TREATMENTS: dict[Failure, Treatment] = {
    "unknown-mailbox": Treatment(ends=True, suppress=True),
    "mailbox-disabled": Treatment(ends=True, suppress=True),
    "mailbox-full": Treatment(keep=timedelta(days=1)),
    "too-large": Treatment(ends=True),
    "content": Treatment(ends=True),
    "no-smtputf8": Treatment(ends=True),
    "busy": Treatment(),
    "unclear": Treatment(keep=timedelta(hours=4)),
    "policy": TROUBLE,
    "rate": TROUBLE,
    "relay": TROUBLE,
    "no-answer": TROUBLE,
    "unwritable": Treatment(),
}

_ENHANCED = re.compile(r"^\s*[245]\.(\d{1,3}\.\d{1,3})\b")
_COMPILED = [
    (rule, re.compile(rule.code or r"\d+"), re.compile(rule.enhanced or r".*"), re.compile(rule.words, re.IGNORECASE))
    for rule in RULES
]


def failure_of(code: int, text: str, stage: Stage) -> Failure:
    """Why the server said no. Lines that end a mail are not for temporary replies (class 4)."""
    found = _ENHANCED.match(text)
    enhanced = found.group(1) if found else ""
    for rule, of_code, of_enhanced, of_words in _COMPILED:
        fits = stage in rule.stages and of_code.fullmatch(str(code)) and of_words.search(text)
        applies = code >= FINAL or not TREATMENTS[rule.failure].ends
        if fits and applies and of_enhanced.fullmatch(enhanced) and (enhanced or not rule.enhanced):
            return rule.failure
    return "no-answer"
