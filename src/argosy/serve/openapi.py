"""What FastAPI does not see of the routes: bodies that they read themselves, and streams."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The body that a route reads itself."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}
    return {"requestBody": {"required": True, "content": content}}


def streams(piece: str) -> dict[int | str, dict[str, Any]]:
    """A good answer that may also come as server-sent events, whose ``object`` is ``piece``."""
    told = f"The answer, or with stream its pieces ({piece}) as server-sent events, the last one [DONE]."
    return {200: {"description": told, "content": {"text/event-stream": {}}}}


def schemas(kinds: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas of bodies, and of what they are made of, by name."""
    found: dict[str, Any] = {}
    for kind in kinds:
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[kind.__name__] = schema
    return found
