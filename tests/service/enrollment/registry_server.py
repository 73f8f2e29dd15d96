"""An external membership registry as a process of its own: ``python registry_server.py OPENAPI``; prints its address.

It holds each request and each answer to the OpenAPI file: what breaks it is answered 400, and leaves a line on stderr.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

TOKEN = "operator-token-1"
CODE = "Kx7mQ2vT9pLc4RwZ8bHs"
PLACE = {"company_name": "Müller & Söhne IT GmbH", "country": "DE", "status": "active", "kind": "location"}
PROFILES = [
    {**PLACE, "partner_id": "6200001"},
    {**PLACE, "partner_id": "6200002", "status": "inactive"},
    {**PLACE, "partner_id": "6200003", "country": "AT", "program_state": "enrolled"},
    {**PLACE, "partner_id": "6200004", "kind": "global"},
]


def validator(document: dict[str, Any], model: str) -> Draft202012Validator:
    return Draft202012Validator({**document, "$ref": f"#/components/schemas/{model}"})


class Registry(BaseHTTPRequestHandler):
    document: dict[str, Any]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        faults = [fault.message for fault in validator(self.document, "SignIn").iter_errors(body)]
        if self.path != "/v1/sign-in" or faults:
            self._answer(400, {"faults": faults})
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {})
        else:
            self._sign_in(body["membership_account"], body["access_code"])

    def _sign_in(self, account: str, code: str) -> None:
        """What the account's name says."""
        match account.partition("@")[0].partition("-")[0]:
            case "locked":
                self._answer(429, {}, retry_after="120")
            case "broken":
                self._answer(500, {})
            case "garbled":
                self._answer(200, {"profiles": [{"partner_id": "x"}]})
            case "empty" if code == CODE:
                self._answer(200, {"profiles": []})
            case "mueller" if code == CODE:
                found = {"profiles": PROFILES, "a later field": 1}
                validator(self.document, "Profiles").validate(found)
                self._answer(200, found)
            case _:
                self._answer(403, {})

    def _answer(self, status: int, body: Any, retry_after: str | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    Registry.document = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201  the tests read it
    server.serve_forever()


if __name__ == "__main__":
    main()
