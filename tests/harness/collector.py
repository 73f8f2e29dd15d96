"""A collector of traces as a process: takes OTLP over HTTP, and appends each span as a line of JSON to a file."""

import json
import sys
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kontor_local.ports import HOST, Port
from kontor_local.processes import Process


@dataclass(frozen=True)
class SpanLine:
    """A span as it came in. ``kind`` is OTLP's number: 2 server, 3 client, 4 producer, 5 consumer."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    error: bool
    attributes: dict[str, Any] = field(hash=False)


class Collector:
    def __init__(self, directory: Path) -> None:
        self.port = Port()
        self.url = f"http://{HOST}:{self.port.number}/v1/traces"
        self._file = directory / "spans.jsonl"
        command = [sys.executable, "-m", "harness.collector", str(self.port.number), str(self._file)]
        env = {"PYTHONPATH": str(Path(__file__).parent.parent)}
        self._process = Process("collector", command, env=env, log=directory / "collector.log")

    async def start(self) -> None:
        self.port.release()
        self._process.start()
        async with httpx2.AsyncClient(timeout=5.0) as http:
            await self._process.until(lambda: self._answers(http), 60.0)

    async def stop(self) -> None:
        await self._process.terminate()

    def text(self) -> str:
        """All that came in."""
        return self._file.read_text(encoding="utf-8") if self._file.exists() else ""

    def spans(self) -> list[SpanLine]:
        # A line that is being written has no end yet.
        return [SpanLine(**json.loads(line)) for line in self.text().splitlines(keepends=True) if line.endswith("\n")]

    async def _answers(self, http: httpx2.AsyncClient) -> bool:
        try:
            return (await http.get(self.url)).is_success
        except httpx2.TransportError:
            return False


def _lines(body: bytes) -> list[str]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        json.dumps(
            {
                "service": _attributes(group.resource.attributes)["service.name"],
                "name": span.name,
                "trace": span.trace_id.hex(),
                "id": span.span_id.hex(),
                "parent": span.parent_span_id.hex(),
                "kind": span.kind,
                "error": span.status.code == 2 or bool(span.status.message),
                "attributes": _attributes(span.attributes)
                | {f"event {event.name}": _attributes(event.attributes) for event in span.events},
            }
        )
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _attributes(given: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in given}


def _serve(port: int, file: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with file.open("a", encoding="utf-8") as lines:
                lines.write("".join(f"{line}\n" for line in _lines(body)))
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

    ThreadingHTTPServer((HOST, port), Handler).serve_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]))
