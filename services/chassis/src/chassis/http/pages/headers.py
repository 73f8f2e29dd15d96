"""The headers of every page."""

import base64
import hashlib
from collections.abc import Mapping


def page_headers(style: str, *form_origins: str) -> Mapping[str, str]:
    """The headers of a page whose only style is ``style``. Its form is sent to this service or to ``form_origins``.

    Browsers apply ``form-action`` to redirects too: a form that ends up at another origin has to name it.
    """
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        "default-src 'none'",
        f"style-src 'sha256-{style_hash}'",
        " ".join(("form-action 'self'", *form_origins)),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        # The address may hold a token: it must not travel on, be kept or be framed.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
