"""What a browser is allowed on our pages, and how a form proves that it is the page's own."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

FORM_FIELD = "csrf_token"  # not the name of any property of a form, which a field of that name would hide
FORM_HEADER = "x-csrf-token"
_OWN_FETCHES = frozenset({"same-origin", "none"})


def content_policy(*, styles: Iterable[str] = (), scripts: Iterable[str] = (), single: bool = False) -> str:
    """The Content-Security-Policy of a page that loads its own files, and nothing else from anywhere.

    ``styles`` and ``scripts`` are the texts of elements inside the page; each is allowed by its digest. A ``single``
    page is one file that loads nothing and sends nothing.
    """
    own = () if single else ("'self'",)
    allowed = {
        "default-src": ("'none'",),
        "script-src": (*own, *map(hashed, scripts)),
        "style-src": (*own, *map(hashed, styles)),
        "img-src": (*own, "data:"),
        "connect-src": own,
        "form-action": own,
        "base-uri": ("'none'",),
        "frame-ancestors": () if single else ("'none'",),  # a <meta> cannot say it
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items() if sources)


def hashed(text: str) -> str:
    """The source expression that allows exactly this text of a ``<style>`` or ``<script>``."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def headers(policy: str, language: str) -> dict[str, str]:
    """The headers of every HTML answer."""
    return {
        "content-security-policy": policy,
        "content-language": language,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "cache-control": "no-store",
        "vary": "accept-language, cookie",
    }


def form_token(session: str) -> str:
    """What the forms of a visitor's pages carry; bound to the ``session``, which it does not give away."""
    return hmac.digest(session.encode(), b"form", "sha256").hex()


def is_own_form(session: str, sent: str, headers: Mapping[str, str]) -> bool:
    """Whether a form comes from a page of this session: by its token, and by what the browser says of its origin.

    ``sent`` is the hidden field of the form; what htmx sends without one carries the token as a header.
    """
    token = sent or headers.get(FORM_HEADER, "")
    return is_own_site(headers) and hmac.compare_digest(token.encode(), form_token(session).encode())


def is_own_site(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that a request comes from our own pages, or says nothing about it."""
    return headers.get("sec-fetch-site", "same-origin") in _OWN_FETCHES
