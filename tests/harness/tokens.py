"""Access tokens as identity signs them, and the address where services find the keys to check them with."""

import json
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from kontor_local.ports import HOST

AUDIENCE = "kontor"
LIFETIME = 600


class Tokens:
    """An issuer with an HTTP server of its own, so that a service can be run without identity.

    Its first key is identity's signing key of this run: identity accepts these tokens, and others accept identity's.
    """

    def __init__(self, signing_key: Path) -> None:
        # Without its "alg", a key serves both names of the algorithm (RFC 9864).
        jwk = {name: value for name, value in json.loads(signing_key.read_text()).items() if name != "alg"}
        self.key = OKPKey.import_key(jwk)
        self.published = [self.key]
        self.asked = 0
        self.ahead = 0.0
        """Seconds to add to the clock, for services whose clock a test moves."""
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{HOST}:{self._server.server_port}"
        self.jwks_url = f"{self.url}/.well-known/jwks.json"
        self.issuer = self.url

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def rotate(self) -> None:
        """Sign with a new key from now on; the old ones stay published."""
        self.key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
        self.published.append(self.key)

    def for_user(
        self,
        organization_id: str,
        *,
        organization_kind: str = "reseller",
        permissions: Iterable[str] = (),
        country: str = "DE",
        user_id: str | None = None,
        **claims: Any,
    ) -> str:
        """A token of a user of this organization, ten minutes long. ``claims`` replace any claim; None leaves it out."""
        user = user_id or f"user-{organization_id}"
        standard = {
            "org_kind": organization_kind,
            "country": country,
            "name": f"User of {organization_id}",
            "org_name": f"Organization {organization_id}",
            "email": f"{user}@example.com",
            "culture": "en",
            "scope": " ".join(sorted(permissions)),
        }
        return self.sign({**self.claims(user), "org": organization_id, **standard, **claims})

    def bearer(self, organization_id: str, **how: Any) -> dict[str, str]:
        """The header that carries ``for_user(...)``."""
        return {"Authorization": f"Bearer {self.for_user(organization_id, **how)}"}

    def claims(self, subject: str) -> dict[str, Any]:
        now = int(time.time() + self.ahead)
        return {
            "sub": subject,
            "iss": self.issuer,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": secrets.token_hex(8),
        }

    def sign(self, claims: Mapping[str, Any], *, key: OKPKey | None = None, **header: Any) -> str:
        """Sign as they are the claims that are not None. ``header`` replaces parameters of the header."""
        key = key or self.key
        head = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid, **header}
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(head, given, key, algorithms=["Ed25519"])

    def key_set(self) -> bytes:
        self.asked += 1
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.published]}).encode()


def _handler(tokens: Tokens) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = tokens.key_set()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write nothing: a test's output is the test's."""

    return Handler
