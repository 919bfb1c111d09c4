"""Processes that die in the middle of a batch: it goes on where it was, and no line is charged twice."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest
from deadlines import until
from shops import TEXT, stand_in

LINES = 300
PROGRAM = Path(__file__).parent.parent / "served_shop.py"


@contextmanager
def served(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The shop of a folder, in a process that is killed at the end."""
    with subprocess.Popen([sys.executable, str(PROGRAM), str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def client_at(address: str, secret: str) -> openai.OpenAI:
    """OpenAI's client."""
    return openai.OpenAI(api_key=secret, base_url=f"{address}/v1")


@pytest.mark.slow
def test_killed_servers_charge_each_line_once(tmp_path: Path) -> None:
    """SIGKILL twice: the last server ends the batch; every answer stands once, in order, and each line is paid once."""
    with stand_in(tmp_path) as stand:
        tenant = stand.tenant()
        secret = stand.key(tenant).secret
    file = "\n".join(
        json.dumps({"custom_id": str(n), "method": "POST", "url": "/v1/classify", "body": {"input": f"text {n}"}})
        for n in range(LINES)
    )
    batch = ""
    for share in (0.2, 0.6):
        with served(tmp_path) as (process, address), client_at(address, secret) as ai:
            if not batch:
                sent = ai.files.create(file=("in.jsonl", file.encode()), purpose="batch")
                made = ai.batches.create(
                    input_file_id=sent.id,
                    endpoint="/v1/classify",  # type: ignore[arg-type]
                    completion_window="24h",
                )
                batch = made.id
            until(lambda share=share: asked(tmp_path) > share * LINES)
            process.send_signal(signal.SIGKILL)
    with served(tmp_path) as (_, address), client_at(address, secret) as ai:
        done = until(lambda: found if (found := ai.batches.retrieve(batch)).status == "completed" else None)
        assert done.output_file_id
        told = [json.loads(line) for line in ai.files.content(done.output_file_id).text.splitlines()]
    assert [line["custom_id"] for line in told] == [str(n) for n in range(LINES)]
    with stand_in(tmp_path) as stand:
        lines = stand.lines(tenant)
    assert [line.amount for line in lines] == [TEXT] * LINES
    assert len({line.event for line in lines}) == LINES
    again = Counter((tmp_path / "asked.txt").read_text().splitlines())
    assert sum(again.values()) - LINES <= 2 * 8  # those in flight when a server died


def asked(folder: Path) -> int:
    """The texts that the model was asked so far."""
    file = folder / "asked.txt"
    return len(file.read_text().splitlines()) if file.is_file() else 0
