"""Ask a model over HTTP, as a client of the service would."""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

_TEXTS = 500  # a request
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the loopback is never behind a proxy


def classify(address: str, texts: Sequence[str]) -> list[Mapping[str, Any]]:
    """The server's answers, ``{"index", "label", "probabilities"}``, in the order of ``texts``."""
    answers: list[Mapping[str, Any]] = []
    for start in range(0, len(texts), _TEXTS):
        answers += post(address, "/v1/classify", {"input": list(texts[start : start + _TEXTS])})["data"]
    return answers


def post(address: str, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """One request in JSON; raises urllib's HTTPError when it is refused."""
    request = urllib.request.Request(  # noqa: S310 - the address is our own server's
        address + route, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with _DIRECT.open(request, timeout=120) as response:
        return dict(json.load(response))
