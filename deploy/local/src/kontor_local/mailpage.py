"""The page on which a developer reads the caught mails: `/`, `/mails/{n}`, and for programs `/api/mails`."""

from html import escape
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from kontor_local.guest import GuestServer
from kontor_local.mailbox import Mailbox
from kontor_local.mails import Mail
from kontor_local.ports import Port

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .4rem .8rem .4rem 0 }
tr + tr { border-top: 1px solid #ddd } pre { white-space: pre-wrap; background: #f5f5f5; padding: 1rem }
iframe { width: 100%; height: 40rem; border: 1px solid #ddd }
"""
# A mail is somebody else's document: no script of it runs, and it loads nothing.
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}


class MailPage(GuestServer):
    """Serves a mailbox over HTTP in the running loop."""

    def __init__(self, mailbox: Mailbox, *, port: Port | None = None) -> None:
        super().__init__(page(mailbox), port=port)


def page(mailbox: Mailbox) -> FastAPI:
    """The application, apart from its server."""
    app = FastAPI(title="Caught mails", docs_url=None, redoc_url=None)

    @app.get("/", response_class=HTMLResponse)
    async def all_mails() -> HTMLResponse:
        rows = "".join(_row(mail) for mail in reversed(mailbox.mails()))
        table = f"<table><tr><th>received<th>to<th>subject</tr>{rows}</table>" if rows else "<p>No mail yet.</p>"
        return _document("Caught mails", table)

    @app.get("/mails/{number}", response_class=HTMLResponse)
    async def one_mail(number: int) -> HTMLResponse:
        for mail in mailbox.mails():
            if mail.number == number:
                return _document(mail.subject, _whole(mail))
        raise HTTPException(404, "There is no mail with this number.")

    @app.get("/api/mails")
    async def mails_as_json() -> list[dict[str, Any]]:
        return [mail.as_json() for mail in mailbox.mails()]

    return app


def _row(mail: Mail) -> str:
    subject = escape(mail.subject) or "(no subject)"
    when, to = f"{mail.received_at:%d %b %H:%M:%S}", escape(", ".join(mail.to))
    return f'<tr><td>{when}<td>{to}<td><a href="/mails/{mail.number}">{subject}</a></tr>'


def _whole(mail: Mail) -> str:
    links = "".join(f'<li><a href="{escape(link)}">{escape(link)}</a>' for link in mail.links)
    html = f'<h2>HTML</h2><iframe sandbox="" srcdoc="{escape(mail.html)}"></iframe>' if mail.html else ""
    return (
        f'<p><a href="/">All mails</a><p>To {escape(", ".join(mail.to))}, {mail.received_at:%d %b %Y %H:%M:%S} UTC'
        f"<p>{escape(mail.message_id)}<ul>{links}</ul><h2>Text</h2><pre>{escape(mail.text)}</pre>{html}"
    )


def _document(title: str, body: str) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    content = f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>'
    return HTMLResponse(content, headers=HEADERS)
