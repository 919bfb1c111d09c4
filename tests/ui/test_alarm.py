"""`argosy alarm` in a project with real books: what is open, its evidence, who has seen it, and whether it is heard."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import SOLD_REVIEWS
from receiving import receiver

from argosy.config import file
from argosy.core.captured import Captured
from argosy.core.watch import Alarm, Finding
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.shop import Shop, open_store
from argosy.store.watching.alarms import SqlAlarms
from argosy.ui.cli import main

HOUR = 3_600_000_000
NOW = 490_000 * HOUR
FINDING = Finding(
    model="reviews",
    signal="label",
    slice="label=bad",
    direction="up",
    since=NOW - 3 * HOUR,
    at=NOW,
    value=0.4,
    usual=0.1,
    size=7.5,
    examples=(("ten_a", "evt_1", 0), ("ten_a", "evt_2", 1)),
    slices={"language=zh": 0.6},
)
Ask = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project that sells and captures."""
    folder = tmp_path / "店 shop"
    folder.mkdir()
    told = SOLD_REVIEWS + '[watch]\nsend = ["json://127.0.0.1:9/hook"]\n[privacy]\nbasis = "contract"\n'
    (folder / "argosy.toml").write_text(told, encoding="utf-8")
    return Shop(project=file.load(folder), folder=folder)


@pytest.fixture
def alarm(shop: Shop) -> Alarm:
    """An open alarm, of whose two examples one is kept."""
    with open_store(shop.sell, shop.folder) as database:
        seen = Captured(
            tenant="ten_a",
            subject="ann",
            event="evt_1",
            model="reviews",
            version="1",
            at=NOW,
            asked={"input": ["很糟糕\n的 phone\x1b]0;owned\x07\x9b2J"]},
            answer={},
        )
        ProjectPrivacy(shop.project, shop.folder, database).keep([seen])
        opened = SqlAlarms(database).open(FINDING, at=NOW, targets=["json:0123"]).result()
        assert opened is not None
        return opened


@pytest.fixture
def ask(shop: Shop, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["alarm", *words, str(shop.folder), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def test_what_is_open_is_told(shop: Shop, alarm: Alarm, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    """With its state and in words; closed ones with --all."""
    (told,) = ask("list")["alarms"]
    assert (told["id"], told["finding"]["slice"], told["closed"]) == (alarm.id, "label=bad", None)
    assert main(["alarm", "list", str(shop.folder)]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:2] == [alarm.id, "open"]
    assert line.endswith("reviews: share of a label (label bad) is up")
    ask("ack", alarm.id, "--new-level")
    assert ask("list")["alarms"] == []
    assert [one["id"] for one in ask("list", "--all")["alarms"]] == [alarm.id]


def test_the_evidence_opens_the_texts_that_are_kept(
    shop: Shop, alarm: Alarm, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of an erased person, and those that nobody kept, are gone; how the messages fare is told."""
    told = ask("show", alarm.id)
    assert [one["text"] for one in told["examples"]] == ["很糟糕\n的 phone\x1b]0;owned\x07\x9b2J", None]
    assert [(one["kind"], one["target"], one["sent"]) for one in told["messages"]] == [("opened", "json:0123", None)]
    assert main(["alarm", "show", alarm.id, str(shop.folder)]) == 0
    said = capsys.readouterr().out
    for part in (
        "40 %, usually 10 %: 7.5",
        "language zh 60 %",
        "· 很糟糕 的 phone�]0;owned��2J",  # what a customer wrote gives a terminal no order
        "· (erased, or not kept)",
        "json:0123",
    ):
        assert part in said
    assert main(["privacy", "erase", "ann", str(shop.folder), "--tenant", "ten_a", "--json"]) == 0
    assert [one["text"] for one in ask("show", alarm.id)["examples"]] == [None, None]
    assert "alm_no" in ask("show", "alm_no", code=5)["error"]["message"]


def test_who_has_seen_it_is_put_on_record(shop: Shop, alarm: Alarm, ask: Ask) -> None:
    """It stays open; with --new-level it is closed, and told so to the addresses."""
    noted = ask("ack", alarm.id)["alarm"]
    assert noted["by"].startswith("cli:")
    assert noted["closed"] is None
    noted = ask("ack", alarm.id, "--new-level")["alarm"]
    assert noted["usual"]
    assert noted["closed"] >= noted["acknowledged"]
    assert [one["kind"] for one in ask("show", alarm.id)["messages"]] == ["opened", "closed"]


def test_addresses_are_tried(shop: Shop, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is sent a message, and what came back is told of each; one that does not take it is an error."""
    pytest.importorskip("apprise")
    path = shop.folder / "argosy.toml"
    with receiver() as web:
        told = path.read_text(encoding="utf-8")
        path.write_text(told.replace(":9/hook", f":{web.port}/secret-path"), encoding="utf-8")
        (error,) = ask("test")["targets"].values()
        assert error == ""
        assert web.taken[0]["title"] == "A test of Argosy's alarms"
        web.answers = [(500, b"no")]
        assert "500" in ask("test", code=8)["error"]["message"]
        assert main(["alarm", "test", str(shop.folder)]) == 8
        said = capsys.readouterr()
    assert "json:" in said.out
    assert "secret-path" not in said.out + said.err
    path.write_text(told.replace("json://", "nosuch://"), encoding="utf-8")
    assert "nosuch" in ask("test", code=3)["error"]["message"]
    assert main(["check", str(shop.folder)]) == 3
    assert "'nosuch'" in capsys.readouterr().err
    path.write_text(SOLD_REVIEWS, encoding="utf-8")
    assert "sent nowhere" in ask("test", code=3)["error"]["message"]
