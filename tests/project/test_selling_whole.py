"""A built project becomes a billed service by one command."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from argosy.config import file
from argosy.products.catalogue import PRODUCTS
from argosy.project.selling.shop import Shop, open_store
from argosy.store.database import Database
from argosy.store.ledger import books
from argosy.store.tenants.accounts import SqlAccounts

pytest.importorskip("torch")
pytestmark = pytest.mark.torch


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_sells_from_the_first_start(tiny_project: Path, tmp_path: Path, workers: str) -> None:
    """It says a key and how to ask with it; who asks without is refused, who asks with it pays, and it stops well."""
    folder = tmp_path / "shop 店"
    folder.mkdir()
    text = (tiny_project / "argosy.toml").read_text(encoding="utf-8")
    template = PRODUCTS["classify"].template.read_text(encoding="utf-8")
    (folder / "argosy.toml").write_text(f"{text}\n{template[template.index('[sell]') :]}", encoding="utf-8")
    (folder / "model").symlink_to((tiny_project / "model").resolve(), target_is_directory=True)
    command = [sys.executable, "-m", "argosy", "serve", str(folder), "--port", "0", "--workers", workers]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            address, secret = _said(process)
            body, head = {"input": ["good", "bad"]}, {"authorization": f"Bearer {secret}"}
            assert httpx2.post(f"{address}/v1/classify", json=body, timeout=60).status_code == 401
            while (answer := httpx2.post(f"{address}/v1/classify", json=body, headers=head, timeout=60)).is_error:
                assert answer.status_code == 401  # a new key is known within a second
            assert len(answer.json()["data"]) == 2
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert secret not in said
    with open_store(Shop(project=file.load(folder), folder=folder).sell, folder) as database:
        assert _charged(database) == [(2, 0)]


def _said(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The address and the key in what is said up to the line to copy."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        found = re.search(r"curl (http://\S+)/v1/classify -H 'authorization: Bearer (\w+)'", line)
        if found:
            return found[1], found[2]
    raise AssertionError(said)


def _charged(database: Database) -> list[tuple[int, int]]:
    """Texts and micro-units of each line; the first thousand texts of a month are free."""
    (tenant,) = SqlAccounts(database).tenants()
    return [(line.quantities["texts"], line.amount) for line in books.between(database, tenant.id, 0, None)]
