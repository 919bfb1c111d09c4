"""A running service hears of an erasure by another process, and the verbs say what was done."""

import json
import time
import zipfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from shops import shop_in
from starlette.testclient import TestClient

from argosy.core.errors import DataError, MissingError
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import first_key, open_store
from argosy.serve.settings import Settings
from argosy.ui.cli import main

WORKED: list[str] = []
TOML = """
name = "shop"
languages = ["en"]
[data]
path = "rows.csv"
group = "person"
[base]
model = "scratch"
[sell]
"""


class Counting(EchoEngine):
    """Counts what it had to work for."""

    __slots__ = ()

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """As the engine does."""
        WORKED.extend(texts)
        return EchoEngine().classify(texts)


def test_answers_in_memory_are_forgotten_after_an_erasure(tmp_path: Path) -> None:
    """A text that was remembered is worked for again once another process has erased somebody."""
    WORKED.clear()
    shop = shop_in(tmp_path)
    issued = first_key(shop)
    assert issued is not None
    head = {"authorization": f"Bearer {issued.secret}"}
    with (
        closing(open_selling(shop)) as selling,
        TestClient(selling.app({"mood": Counting()}, Settings(cache=100))) as client,
        open_store(shop.sell, tmp_path) as database,
    ):

        def ask() -> int:
            assert client.post("/v1/classify", json={"input": "hello"}, headers=head).status_code == 200
            return len(WORKED)

        deadline = time.monotonic() + 60
        while (once := ask()) != ask() and time.monotonic() < deadline:
            pass  # the first look of the service may come between two questions
        ProjectPrivacy(shop.project, tmp_path, database).erase("ten_a", "kim-7731", "test")
        while ask() == once and time.monotonic() < deadline:
            pass
        assert len(WORKED) > once


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a row of one person."""
    (tmp_path / "argosy.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "rows.csv").write_text("text,label,person\nhello,good,kim-7731\n", encoding="utf-8")
    return tmp_path


def test_the_verbs_tell_erase_and_verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From consent to the certificate, on the command line; a changed certificate is refused."""

    def said(*words: str) -> tuple[int, str]:
        return main(["privacy", *words]), capsys.readouterr().out

    place = str(folder)
    assert said("consent", "kim-7731", place, "--tenant", "own", "--grant")[0] == 0
    code, out = said("export", "kim-7731", place, "--json")
    held = json.loads(out)
    assert (code, held["rows"][0]["text"], held["consents"][0]["granted"]) == (0, "hello", True)
    assert said("export", "kim-7731", place, "--out", str(folder / "held.zip"))[0] == 0
    with zipfile.ZipFile(folder / "held.zip") as archive:
        assert json.loads(archive.read("rows.json")) == held["rows"]
    code, out = said("erase", "kim-7731", place)
    assert (code, out.startswith("CERTIFICATE OF ERASURE era_")) == (0, True)
    (signed,) = (folder / "certificates").glob("*.json")
    assert json.loads(said("verify", str(signed), place, "--json")[1])["own"]
    signed.write_text(signed.read_text(encoding="utf-8").replace('"rows": 1', '"rows": 2'), encoding="utf-8")
    assert said("verify", str(signed), place)[0] == DataError.exit_code
    assert said("rotate", place)[0] == said("retain", place)[0] == 0
    assert said("erase", "sub_none", place)[0] == MissingError.exit_code
