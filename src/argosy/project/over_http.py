"""Ask a model over HTTP: a real server in a process of its own, for the parity gate and for timing."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argosy.core.errors import GateError

_TEXTS = 500  # a request
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the loopback is never behind a proxy


@contextmanager
def serving(model: Path) -> Iterator[str]:
    """The address of a server that answers for ``model`` while the block runs; raises GateError when it won't start."""
    command = [sys.executable, "-m", "argosy.project.serving", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                reason = process.stderr.read().strip().splitlines()[-1:] if process.stderr else []
                raise GateError("The server did not start: {reason}", where=str(model), reason=" ".join(reason))
            yield address
        finally:
            process.terminate()
            process.communicate(timeout=60)


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
