"""A server that checks companies, as a process of its own: ``python check_server.py OPENAPI``; prints its address.

It holds each request and each answer to the OpenAPI file: what breaks it is answered 400. What it answers stands in the city
of the company's address; ``once`` gives no answer the first time it is asked about a company.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

TOKEN = "operator-token-2"
ANSWERS: dict[str, tuple[int, Any]] = {
    "Passed": (200, {"outcome": "passed", "detail": "The register has it.", "a later field": 1}),
    "Flagged": (200, {"outcome": "flagged", "detail": "Deleted from the register."}),
    "Risky": (200, {"outcome": "flagged", "detail": "Insolvent.", "high_risk": True}),
    "Garbled": (200, {"outcome": "maybe"}),
    "Broken": (500, {}),
}


def validator(document: dict[str, Any], model: str) -> Draft202012Validator:
    return Draft202012Validator({**document, "$ref": f"#/components/schemas/{model}"})


class Checks(BaseHTTPRequestHandler):
    document: dict[str, Any]
    asked: set[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        faults = [fault.message for fault in validator(self.document, "Company").iter_errors(body)]
        if self.path != "/v1/checks" or faults:
            self._answer(400, {"faults": faults})
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {})
        else:
            self._check(body["enrollment_id"], body["address"]["city"])

    def _check(self, enrollment_id: str, city: str) -> None:
        first = enrollment_id not in self.asked
        self.asked.add(enrollment_id)
        status, answer = (503, {}) if city == "Once" and first else ANSWERS.get(city, ANSWERS["Passed"])
        if status == 200 and city != "Garbled":
            validator(self.document, "Result").validate(answer)
        self._answer(status, answer)

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    Checks.document = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Checks.asked = set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Checks)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201  the tests read it
    server.serve_forever()


if __name__ == "__main__":
    main()
