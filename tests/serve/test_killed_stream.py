"""A server that is killed in the middle of a stream: what it recorded is charged, which is no more than it sent."""

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from shops import Stand

from argosy.config.schema import Project
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop

IN, OUT = 10, 100  # micro-units a token
PROJECT = {
    "name": "shop",
    "languages": ["en"],
    "data": {"path": "rows.csv"},
    "base": {"model": "package:none"},
    "plans": {
        "standard": {
            "prices": [
                {"unit": "prompt_tokens", "per": 1000, "price": "0.01"},
                {"unit": "completion_tokens", "per": 1000, "price": "0.10"},
            ]
        }
    },
    "sell": {},
}
SERVER = """
import json, sys
from pathlib import Path
from endless import Endless
from argosy.config.schema import Project
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings

selling = open_selling(Shop(project=Project.model_validate(json.loads(sys.argv[1])), folder=Path(sys.argv[2])))
settings = Settings(port=0)
serve(selling.app({"endless": Endless()}, settings), settings, lambda address: print(address, flush=True))
"""


def stand_of(folder: Path) -> Stand:
    """The shop, opened in this process."""
    shop = Shop(project=Project.model_validate(PROJECT), folder=folder)
    return Stand(selling=open_selling(shop), engines={})


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_stream_costs_what_was_recorded(tmp_path: Path) -> None:
    """SIGKILL after 100 pieces: the next start charges at least what had to be recorded by then, at most what came."""
    stand = stand_of(tmp_path)
    with closing(stand.selling):
        tenant, head = stand.buyer()
    command = [sys.executable, "-c", SERVER, json.dumps(PROJECT), str(tmp_path)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        body = {"prompt": "go", "stream": True, "max_tokens": 1_000_000}
        received = 0
        try:
            with (
                httpx2.Client(base_url=address, headers=head) as client,
                client.stream("POST", "/v1/completions", json=body) as answer,
            ):
                for told in answer.iter_lines():
                    received += '"text": "on "' in told
                    if received == 100:
                        process.send_signal(signal.SIGKILL)
        except httpx2.HTTPError:
            process.wait()
        finally:
            process.kill()
    stand = stand_of(tmp_path)
    with closing(stand.selling):
        (line,) = stand.lines(tenant)
    assert line.quantities["prompt_tokens"] == 3
    assert 64 <= line.quantities["completion_tokens"] <= received
    assert line.amount == 3 * IN + line.quantities["completion_tokens"] * OUT
