"""``kontor mails``: find mails, see what became of them, and have them sent again or not at all.

Exit codes: 0 done · 1 the service refused one, and said why · 2 wrong usage · 3 no service · 4 no such mail · 5 not allowed.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kontor_cli import showing
from kontor_cli.api import NOT_DONE, Api, RefusedError
from kontor_cli.connection import fail

app = typer.Typer(help="Mails: list, show, retry, resend, withdraw.", no_args_is_help=True)

PAGE = 100
Status = Literal["queued", "sending", "deferred", "sent", "abandoned", "withdrawn", "suppressed"]

Url = Annotated[
    str, typer.Option(envvar="KONTOR_URL", help="Where the installation answers: https://kontor.example.com")
]
Token = Annotated[
    Path, typer.Option(envvar="KONTOR_TOKEN_FILE", help="A file with an access token of the program's staff.")
]
Ids = Annotated[list[str], typer.Argument(metavar="MAIL_ID...")]
Reason = Annotated[str, typer.Option(help="Why; it stays with the mail, beside your name.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="With the whole address of the recipient.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs; the fields are described in the README.")]


@app.command("list")
def list_mails(
    *,
    url: Url,
    token_file: Token,
    status: Annotated[Status | None, typer.Option(help="What became of it.")] = None,
    recipient: Annotated[str, typer.Option(help="The whole address; - reads it from standard input.")] = "",
    cause: Annotated[str, typer.Option(help="The message that caused it, or its subject: enrollment:<id>.")] = "",
    template: Annotated[str, typer.Option(help="Such as invitation.")] = "",
    failure: Annotated[str, typer.Option(help="Why it was not delivered, such as unknown-mailbox.")] = "",
    organization: Annotated[str, typer.Option(help="Whose mails, by id.")] = "",
    since: Annotated[str, typer.Option(help="Queued at this ISO 8601 time or later.")] = "",
    until: Annotated[str, typer.Option(help="Queued before this time.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = PAGE,
    reveal: Reveal = False,
    json: AsJson = False,
) -> None:
    """Mails by state, recipient, cause, template and time. Addresses are masked unless they are asked for."""
    address = sys.stdin.readline().strip() if recipient == "-" else recipient
    given = {
        "status": status or "",
        "recipient": address,
        "cause": cause,
        "template": template,
        "failure": failure,
        "organization_id": organization,
        "since": since,
        "until": until,
    }
    query = {name: value for name, value in given.items() if value}
    found = _or_end(lambda: [_shown(mail, reveal=reveal) for mail in _pages(Api(url, token_file), query, limit)])
    if json:
        showing.print_json({"mails": found})
    else:
        showing.print_lines([_line(mail) for mail in found] or ["no such mails"])


@app.command()
def show(mail_id: str, *, url: Url, token_file: Token, reveal: Reveal = False, json: AsJson = False) -> None:
    """One mail with its attempts."""
    mail = _or_end(lambda: _shown(Api(url, token_file).get(f"/v1/mails/{mail_id}", {}), reveal=reveal))
    if json:
        showing.print_json(mail)
    else:
        showing.print_document(f"{mail['mail_id']} ({mail['status']})", _facts(mail))


@app.command()
def retry(
    mail_ids: Annotated[list[str] | None, typer.Argument(metavar="[MAIL_ID]...")] = None,
    *,
    url: Url,
    token_file: Token,
    reason: Reason,
    all_: Annotated[bool, typer.Option("--all", help="All of a class, instead of mails by id.")] = False,
    status: Annotated[Literal["abandoned", "suppressed"], typer.Option(help="With --all.")] = "abandoned",
    failure: Annotated[str, typer.Option(help="With --all: only those that failed so.")] = "",
    template: Annotated[str, typer.Option(help="With --all: only these.")] = "",
    since: Annotated[str, typer.Option(help="With --all: queued at this ISO 8601 time or later.")] = "",
    until: Annotated[str, typer.Option(help="With --all: queued before this time.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="With --all: at most so many, the oldest first.")] = 200,
    json: AsJson = False,
) -> None:
    """Send mails now that wait, were given up or suppressed. They keep their Message-ID."""
    if bool(mail_ids) == all_:
        raise typer.BadParameter("name mails by id, or give --all")
    if mail_ids:
        _order("retry", mail_ids, url, token_file, reason, json=json)
        return
    given = {"failure": failure, "template": template, "since": since, "until": until}
    form = {"status": status, "reason": reason, "limit": limit} | {name: text for name, text in given.items() if text}
    done = _or_end(lambda: Api(url, token_file).post("/v1/mails/retry", form))
    if json:
        showing.print_json(done)
    else:
        more = "; more are left: ask again when these are through" if done["more"] else ""
        showing.print_lines([f"{done['mails']} mails are tried again{more}"])


@app.command()
def resend(mail_ids: Ids, *, url: Url, token_file: Token, reason: Reason, json: AsJson = False) -> None:
    """Send a copy of mails that were sent, as new messages."""
    _order("resend", mail_ids, url, token_file, reason, json=json)


@app.command()
def withdraw(
    mail_ids: Ids,
    *,
    url: Url,
    token_file: Token,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Do not send mails, now or later."""
    if not yes:
        typer.confirm(f"{len(mail_ids)} mails will not be sent. Go on?", abort=True, err=True)
    _order("withdraw", mail_ids, url, token_file, reason, json=json)


def _order(what: str, mail_ids: list[str], url: str, token_file: Path, reason: str, *, json: bool) -> None:
    """One after the other; one that is refused does not stop the rest."""
    api, results, worst = Api(url, token_file), [], 0
    progress = showing.Progress("mails")
    for number, mail_id in enumerate(mail_ids, 1):
        try:
            done = api.post(f"/v1/mails/{mail_id}/{what}", {"reason": reason})
            results.append({"mail_id": mail_id, "status": done["status"], "refused": None})
        except RefusedError as error:
            worst = max(worst, error.code if len(mail_ids) == 1 else NOT_DONE)
            results.append({"mail_id": mail_id, "status": None, "refused": str(error)})
        progress.reached(number, len(mail_ids))
    if json:
        showing.print_json({"results": results})
    else:
        showing.print_lines([f"{one['mail_id']}: {one['status'] or one['refused']}" for one in results])
    if worst:
        raise typer.Exit(worst)


def _pages(api: Api, query: dict[str, str], limit: int) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    seen, progress = 0, showing.Progress("mails")
    while cursor is not None and seen < limit:
        more = {"cursor": cursor} if cursor else {}
        page = api.get("/v1/mails", {**query, **more, "limit": min(PAGE, limit - seen)})
        yield from page["items"]
        seen += len(page["items"])
        progress.reached(seen)
        cursor = page.get("next_cursor")


def _shown(mail: dict[str, Any], *, reveal: bool) -> dict[str, Any]:
    return mail if reveal else mail | {"address": None}


def _line(mail: dict[str, Any]) -> str:
    why = f" {mail['failure']}" if mail["failure"] else ""
    return f"{mail['mail_id']}  {mail['queued_at']}  {mail['status']}{why}  {mail['template']}  {_to(mail)}"


def _to(mail: dict[str, Any]) -> str:
    return str(mail["address"] or mail["recipient"])


def _facts(mail: dict[str, Any]) -> list[tuple[str, object]]:
    left_out = ("mail_id", "status", "log", "recipient", "address")
    facts: list[tuple[str, object]] = [("recipient", _to(mail))]
    facts += [
        (name.replace("_", " "), value) for name, value in mail.items() if name not in left_out and value is not None
    ]
    return facts + [("attempt", f"{one['at']} {one['outcome']} {one['words'] or ''}".rstrip()) for one in mail["log"]]


def _or_end(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except RefusedError as error:
        fail(str(error), error.code)
