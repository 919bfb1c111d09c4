"""The page at ``/docs``: the OpenAPI description as HTML that needs no other server.

The pages that FastAPI brings load their scripts from a content network, which is slow or closed to many users.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from starlette.requests import Request

from argosy.serve.errors import CODES
from argosy.serve.pages.shown import linked
from argosy.web.answers import answer, reader_of

_FOLDER = Path(__file__).with_name("pages") / "templates"


def page(request: Request, schema: Mapping[str, Any]) -> HTMLResponse:
    """The page for an OpenAPI ``schema``, with a form that asks the service."""
    reader = reader_of(request)
    values = {
        "linked": linked(request, reader.language),
        "api": schema,
        "codes": CODES,
        "address": str(request.base_url).rstrip("/"),
        "script": _script(),
        "show": _show,
    }
    return answer(_FOLDER, "docs.html", reader, values, scripts=[_script()])


@cache
def _script() -> str:
    return (_FOLDER / "docs.js").read_text(encoding="utf-8")


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
