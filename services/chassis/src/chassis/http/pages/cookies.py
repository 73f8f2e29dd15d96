"""Cookies of pages: for this host alone, unreadable for scripts, never sent along with another site's form."""

from fastapi import Request, Response


class Cookies:
    """Over https the names begin with ``__Host-``, so that no other host of the domain can set them (RFC 6265bis, 4.1.3.2).

    Browsers refuse such names over plain http, which only local use has.
    """

    def __init__(self, public_url: str) -> None:
        self._secure = public_url.startswith("https:")

    def name(self, name: str) -> str:
        return f"__Host-{name}" if self._secure else name

    def get(self, request: Request, name: str) -> str:
        """Empty where the browser sent none."""
        return request.cookies.get(self.name(name), "")

    def set(self, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
        """``seconds`` None: until the browser is closed."""
        response.set_cookie(
            self.name(name), value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def delete(self, response: Response, name: str) -> None:
        response.delete_cookie(self.name(name), path="/", secure=self._secure, httponly=True, samesite="lax")
