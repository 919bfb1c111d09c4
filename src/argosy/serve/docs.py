"""The page at ``/docs``: the OpenAPI description as HTML that needs no other server.

The pages that FastAPI brings load their scripts from a content network, which is slow or closed to many users.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment

from argosy.serve.errors import CODES

_TEMPLATE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    Path(__file__).with_name("docs.html").read_text(encoding="utf-8")
)


def page(schema: Mapping[str, Any], address: str) -> HTMLResponse:
    """The page for an OpenAPI ``schema`` served at ``address``."""
    nonce = secrets.token_urlsafe(16)
    html = _TEMPLATE.render(api=schema, codes=CODES, address=address, nonce=nonce, show=_show)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, headers={"content-security-policy": policy})


def _show(schema: Mapping[str, Any]) -> str:
    """A JSON Schema as one short type: ``text``, ``list of Model``.

    >>> _show({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    'text or list of text'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_show(option) for option in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_show(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_show(schema['additionalProperties'])}"
    names = {"string": "text", "null": "nothing"}
    kind = str(schema.get("type", "any"))
    return names.get(kind, kind)
