"""A browser without a screen: cookies, redirects and forms, as a person without scripts has them."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2

from kontor_local.journey.pages import Form, read_forms, read_links

REDIRECTS = {301, 302, 303, 307}
MOST_HOPS = 10


class Browser:
    """One window. ``page`` is what it shows, ``address`` where that came from, ``hops`` the redirects on the way there."""

    def __init__(self, client: httpx2.AsyncClient | None = None) -> None:
        self.client = client or httpx2.AsyncClient(timeout=30.0)
        self.page = httpx2.Response(200)
        self.address = ""
        self.hops: list[str] = []

    def tab(self) -> "Browser":
        """Another window with the same cookies."""
        return Browser(self.client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def form(self) -> Form:
        """The page's one form."""
        (form,) = read_forms(self.text)
        return form

    async def open(self, address: str) -> Self:
        return await self._follow("GET", urljoin(self.address, address), None)

    async def click(self, href: str) -> Self:
        """The one link of the page whose address begins so."""
        (found,) = {link for link in read_links(self.text) if link.startswith(href)}
        return await self.open(found)

    async def send(self, **typed: str) -> Self:
        """The page's form, filled in. Only fields that it has can be typed into."""
        form = self.form
        unknown = typed.keys() - form.fields.keys()
        assert not unknown, f"the form has no {unknown}, but {sorted(form.fields)}"
        return await self._follow("POST", urljoin(self.address, form.action), {**form.fields, **typed})

    async def submit(self, action: str, **typed: str | list[str]) -> Self:
        """The one form of the page whose action begins so, filled in. A list: the boxes of a name that are ticked."""
        (form,) = [form for form in read_forms(self.text) if form.action.startswith(action)]
        unknown = typed.keys() - form.fields.keys()
        assert not unknown, f"the form has no {unknown}, but {sorted(form.fields)}"
        return await self._follow("POST", urljoin(self.address, form.action), {**form.fields, **typed})

    async def attach(self, action: str, name: str, file: tuple[str, bytes]) -> Self:
        """The one form of the page whose action begins so, with a file (name and content) in its field ``name``."""
        (form,) = [form for form in read_forms(self.text) if form.action.startswith(action) and name in form.fields]
        fields = {key: value for key, value in form.fields.items() if key != name}
        return await self._follow("POST", urljoin(self.address, form.action), fields, {name: file})

    async def press(self, action: str, value: str, name: str = "do") -> Self:
        """The button with this value in the form that is sent to this very address."""
        (form,) = [one for one in read_forms(self.text) if one.action == action and (name, value) in one.buttons]
        return await self._follow("POST", urljoin(self.address, form.action), {**form.fields, name: value})

    async def _follow(
        self,
        method: str,
        address: str,
        fields: Mapping[str, str | list[str]] | None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Self:
        self.hops = []
        for _ in range(MOST_HOPS):
            answer = await self.client.request(method, address, data=fields, files=files)
            self.hops.append(address)
            if answer.status_code not in REDIRECTS:
                self.page, self.address = answer, address
                return self
            self._judge(method, answer, address)
            method, fields, files, address = "GET", None, None, urljoin(address, answer.headers["location"])
        raise AssertionError(f"more than {MOST_HOPS} redirects: {self.hops}")

    def _judge(self, method: str, answer: httpx2.Response, address: str) -> None:
        """Browsers hold the redirects of a form to the page's ``form-action``."""
        if method != "POST" or not self.address:
            return
        policy = self.page.headers["content-security-policy"]
        allowed = next(part for part in policy.split(";") if part.strip().startswith("form-action")).split()[1:]
        target = urlsplit(urljoin(address, answer.headers["location"]))
        origin, own = f"{target.scheme}://{target.netloc}", "://".join(urlsplit(self.address)[:2])
        assert origin in allowed or (origin == own and "'self'" in allowed), f"{policy} forbids {origin}"
