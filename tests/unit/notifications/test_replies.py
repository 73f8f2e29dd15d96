"""What replies of mail servers mean: the texts of real servers, and what is done about each kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain.mail.replies import RULES, TREATMENTS, Failure, Stage, failure_of

REPLIES: list[tuple[int, str, Stage, Failure]] = [
    (
        550,
        "5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
        "rcpt",
        "unknown-mailbox",
    ),
    (550, "5.1.1 The email account that you tried to reach does not exist.", "rcpt", "unknown-mailbox"),
    (550, "5.4.1 Recipient address rejected: Access denied. [AM6EUR05FT060]", "rcpt", "unknown-mailbox"),
    (
        550,
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        "data",
        "unknown-mailbox",
    ),
    (550, "No such user here", "rcpt", "unknown-mailbox"),
    (550, "Unrouteable address", "rcpt", "unknown-mailbox"),
    (551, "User not local; please try <c@d.example>", "rcpt", "unknown-mailbox"),
    (450, "4.1.1 <a@b.example>: Recipient address rejected: unverified address", "rcpt", "busy"),
    (550, "5.2.1 The email account that you tried to reach is disabled.", "rcpt", "mailbox-disabled"),
    (552, "5.2.2 Mailbox full", "data", "mailbox-full"),
    (452, "4.2.2 The email account that you tried to reach is over quota.", "rcpt", "mailbox-full"),
    (552, "Requested mail action aborted: exceeded storage allocation", "data", "mailbox-full"),
    (552, "5.3.4 Message size exceeds fixed limit", "mail", "too-large"),
    (552, "message size exceeds maximum", "data", "too-large"),
    (554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "rcpt", "relay"),
    (550, "5.7.1 Our IP is on a blacklist", "data", "relay"),
    (530, "5.7.0 Must issue a STARTTLS command first", "mail", "relay"),
    (550, "5.1.8 Sender address rejected: Domain not found", "mail", "relay"),
    (553, "sorry, your envelope sender is in my badmailfrom list", "mail", "relay"),
    (421, "4.3.2 Service shutting down", "mail", "relay"),
    (421, "4.7.0 Try again later, closing connection.", "rcpt", "policy"),
    (450, "4.7.1 <a@b.example>: Recipient address rejected: Greylisted", "rcpt", "busy"),
    (451, "4.7.500 Server busy. Please try again later", "rcpt", "policy"),
    (421, "4.7.28 Our system has detected an unusual rate of mail", "data", "policy"),
    (450, "4.2.1 The user you are trying to contact is receiving mail too fast", "rcpt", "rate"),
    (550, "5.7.1 Message rejected due to local policy", "data", "policy"),
    (550, "5.4.316 Message expired, connection refused", "data", "policy"),
    (554, "5.6.1 Body type not supported by remote host", "data", "content"),
    (550, "Requested action not taken: mailbox unavailable", "rcpt", "unclear"),
    (554, "Transaction failed", "data", "unclear"),
    (451, "Requested action aborted: local error in processing", "data", "busy"),
]


@pytest.mark.parametrize(("code", "text", "stage", "failure"), REPLIES, ids=[f"{r[0]} {r[1][:30]}" for r in REPLIES])
def test_a_reply_has_the_meaning_its_server_gives_it(code: int, text: str, stage: Stage, failure: Failure) -> None:
    assert failure_of(code, text, stage) == failure


@given(st.integers(400, 499), st.text(max_size=80), st.sampled_from(["mail", "rcpt", "data"]))
def test_a_temporary_reply_never_ends_a_mail(code: int, text: str, stage: Stage) -> None:
    assert not TREATMENTS[failure_of(code, text, stage)].ends


@given(st.integers(400, 599), st.text(max_size=80), st.sampled_from(["mail", "rcpt", "data"]))
def test_every_reply_has_a_treatment(code: int, text: str, stage: Stage) -> None:
    assert failure_of(code, text, stage) in TREATMENTS


def test_every_line_of_the_table_names_its_source() -> None:
    assert all(len(rule.source) > 10 for rule in RULES)


def test_only_what_concerns_the_recipient_or_the_mail_ends_it() -> None:
    ending = {failure for failure, treatment in TREATMENTS.items() if treatment.ends}
    assert ending == {"unknown-mailbox", "mailbox-disabled", "too-large", "content", "no-smtputf8"}
    assert {failure for failure in ending if TREATMENTS[failure].suppress} == {"unknown-mailbox", "mailbox-disabled"}
