"""I6: mails."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from reliability.checker.events import Event
from reliability.checker.evidence import Evidence, clock, command
from reliability.checker.verdict import Findings, Verdict
from reliability.history import Entry, ExpectedMail, Fault, Sent

FATE = "kontor.notifications.mail-"
BETWEEN_ACCEPTED_AND_RECORDED = ("crash:", "kill", "stop", "starve", "skew", "delay", "rebalance")
"""Faults that may take an instance of notifications between the mail server's word and the record of it, once per mail."""
WORD_LOST = ("smtp-cut", "database")
"""Faults in which that word, or its record, may be lost for every mail and every attempt."""
NEAR_SECONDS = 5.0
"""So far from a fault, before and after, a mail may have been cut short by it: a crash is noticed a little late."""


def mailed_once(evidence: Evidence) -> Verdict:
    """I6. A second copy has the same Message-ID, and a fault beside the first one."""
    findings = Findings("I6", "each mail once, never silently none")
    _expected(evidence, findings)
    _fates(evidence, findings)
    _copies(evidence, findings)
    _written_anew(evidence, findings)
    return findings.verdict()


def _expected(evidence: Evidence, findings: Findings) -> None:
    arrived: defaultdict[str, list[Sent]] = defaultdict(list)
    for mail in evidence.history.mails:
        for address in mail.to:
            arrived[address.casefold()].append(mail)
    abandoned = _abandoned(evidence)
    for entry in evidence.history.ledger:
        for expected in entry.mails if entry.acknowledged is not None else ():
            findings.look()
            to = expected.to.casefold()
            if not any(_is(expected, mail) for mail in arrived[to]) and not any(to in cause for cause in abandoned):
                findings.broken(*_missing(evidence, entry, expected, len(arrived[to])))


def _is(expected: ExpectedMail, mail: Sent) -> bool:
    return any(re.search(expected.words, text) for text in (mail.subject, mail.text))


def _missing(evidence: Evidence, entry: Entry, mail: ExpectedMail, others: int) -> Iterator[str]:
    yield f"{command(entry)} was acknowledged {evidence.when(entry.acknowledged or entry.sent)}"
    yield f"no mail to {mail.to} with {mail.words!r} came, {others} others did"


def _abandoned(evidence: Evidence) -> list[str]:
    """The messages, as text, whose mails were given up or withdrawn. They name the recipients; events of mails do not."""
    ends = {f"{FATE}abandoned.v1", f"{FATE}withdrawn.v1"}
    causes = (_data(event).get("cause_id") for event in evidence.events if event.type in ends)
    messages = (evidence.by_id.get(str(cause)) for cause in causes)
    return [json.dumps(message.message, ensure_ascii=False).casefold() for message in messages if message]


def _fates(evidence: Evidence, findings: Findings) -> None:
    """What is said to be sent did arrive; what was queued came to an end."""
    queued, ended = {}, set()
    arrived = {_mail_id(mail) for mail in evidence.history.mails}
    for event in evidence.events:
        if not event.type.startswith(FATE):
            continue
        findings.look()
        mail_id = str(_data(event).get("mail_id"))
        if event.type == f"{FATE}queued.v1":
            queued[mail_id] = event
            continue
        ended.add(mail_id)
        if event.type == f"{FATE}sent.v1" and mail_id not in arrived:
            findings.broken(f"{event.name} says so, but no such mail arrived", evidence.tell(event))
    for mail_id, event in queued.items():
        if mail_id not in ended:
            findings.broken(f"mail {mail_id} has no end", f"{event.name} {evidence.tell(event)}")


def _data(event: Event) -> dict[str, object]:
    data = event.message.get("data")
    return data if isinstance(data, dict) else {}


def _mail_id(mail: Sent) -> str:
    """A Message-ID is ``<mail id@domain of the sender>``."""
    return mail.message_id.strip("<> ").partition("@")[0]


def _copies(evidence: Evidence, findings: Findings) -> None:
    copies: defaultdict[str, list[Sent]] = defaultdict(list)
    for mail in sorted(evidence.history.mails, key=lambda mail: mail.at):
        findings.look()
        copies[mail.message_id].append(mail)
    faults = evidence.history.faults
    once = [
        fault for fault in faults if _of_notifications(fault) and fault.kind.startswith(BETWEEN_ACCEPTED_AND_RECORDED)
    ]
    always = [fault for fault in faults if fault.kind.startswith(WORD_LOST)]
    for mails in copies.values():
        if len(mails) > 1 and (first := _unexplained(mails, list(once), always)) is not None:
            times = ", ".join(clock(mail.at) for mail in mails)
            what = f"{len(mails)} copies of {mails[0].subject!r} to {', '.join(mails[0].to)}, {mails[0].message_id}"
            findings.broken(what, f"they came at {times}, and nothing befell the one {evidence.when(first.at)}")


def _of_notifications(fault: Fault) -> bool:
    return fault.target.startswith("notifications")


def _unexplained(mails: Sequence[Sent], once: list[Fault], always: Sequence[Fault]) -> Sent | None:
    """The first copy, other than the last, that no fault was near to: who sent it could and must have recorded it."""
    for mail in mails[:-1]:
        if any(_near(fault, mail) for fault in always):
            continue
        fault = next((fault for fault in once if _near(fault, mail)), None)
        if fault is None:
            return mail
        once.remove(fault)
    return None


def _near(fault: Fault, mail: Sent) -> bool:
    return fault.at - NEAR_SECONDS <= mail.at <= (fault.until or fault.at) + NEAR_SECONDS


def _invitations(evidence: Evidence) -> dict[str, str]:
    """By mail, the invitation that its cause names."""
    found = {}
    for event in evidence.events:
        if event.type == f"{FATE}queued.v1":
            cause = evidence.by_id.get(str(_data(event).get("cause_id")))
            found[str(_data(event).get("mail_id"))] = str(_data(cause).get("invitation_id", "")) if cause else ""
    return found


def _written_anew(evidence: Evidence, findings: Findings) -> None:
    """Two companies that part and connect again by another invitation get the same words again: those are two facts."""
    invitations = _invitations(evidence)
    seen: dict[tuple[tuple[str, ...], str, str, str], Sent] = {}
    for mail in evidence.history.mails:
        to = tuple(sorted(address.casefold() for address in mail.to))
        first = seen.setdefault((to, mail.subject, mail.text, invitations.get(_mail_id(mail), "")), mail)
        if first.message_id != mail.message_id:
            what = f"two mails {mail.subject!r} to {', '.join(mail.to)} say the same: {first.message_id}, {mail.message_id}"
            findings.broken(what, f"{clock(first.at)} and {evidence.when(mail.at)}")
