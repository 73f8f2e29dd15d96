"""HTTP as uvicorn speaks it, where shortcuts are taken before a request is made of what was read (ADR 20).

For a question that is answered in microseconds, the task, the events and the messages of a request are most of the work. What is
not the plainest of GETs goes the usual way, which takes the same shortcuts a little later (`chassis.http.middleware`).
"""

from types import SimpleNamespace
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.http.middleware import Short

BODIES = {b"content-length", b"transfer-encoding", b"expect"}
ANSWERED: Any = SimpleNamespace(
    response_complete=True, keep_alive=True, message_event=SimpleNamespace(set=lambda: None)
)
"""In the place of uvicorn's record of the request in work: it is over."""


def protocol(short: Short) -> type[HttpToolsProtocol]:
    """For ``uvicorn.run(http=…)``."""
    return type("Direct", (_Direct,), {"short": short})


class _Direct(HttpToolsProtocol):
    short: ClassVar[Short]

    def on_headers_complete(self) -> None:
        path, _, query = self.url.partition(b"?")
        if not self.short.covers("GET", path.decode("latin-1")) or not self._is_plain(query):
            super().on_headers_complete()
            return
        answer = self.short.answer("GET", path.decode("latin-1"), self.headers, query)
        if answer is None:
            super().on_headers_complete()
            return
        headers, body = answer
        lines = [b"%b: %b\r\n" % header for header in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join((b"HTTP/1.1 200 OK\r\n", *lines, b"\r\n", body)))
        self.cycle = ANSWERED
        self.on_response_complete()

    def _is_plain(self, query: bytes) -> bool:
        """Nothing before it is unanswered, nothing comes with it, and the connection stays as it is."""
        free = self.cycle is None or self.cycle.response_complete
        usual = self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive()
        alone = b"#" not in query and BODIES.isdisjoint(name for name, _ in self.headers)
        is_get = self.parser.get_method() == b"GET" and not self.parser.should_upgrade()
        return free and usual and alone and is_get and not self.flow.write_paused
