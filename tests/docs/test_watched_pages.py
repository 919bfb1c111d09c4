"""What the pages on watching and improving tell to type works, over weeks of traffic of a model that was built."""

import json
import re
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pages import ROOT, blocks, lines
from receiving import Receiver, receiver
from watching import DAY, HOUR, MONDAY, Talk, Watching, usual

from argosy.config import file
from argosy.core.experiment import By, Design
from argosy.monitor.experiment import bounded, size
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import releases_in
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.releases.versions import Paired
from argosy.serve.wire.jobs import FeedbackRequest
from argosy.store.watching.alarms import SqlAlarms
from argosy.ui.cli import main

NAME = "tweets"
SOLD = """
[sell]
[plans.standard]
currency = "CNY"
prices = [{{ unit = "texts", price = "0.01" }}]
[watch]
every_minutes = 120
send = ["{address}"]
[privacy]
capture = 1.0
basis = "contract"
"""
WEEKS = 15 * 24  # hours of them
LONG = {"argosy watch my-product --follow", "argosy improve my-product"}  # without end; trains
SOLD_ONCE = ("--event req_…", "--invoice INV-2026-000001")  # somebody must have paid for it
PAGES = ("watching", "improving")
both_languages = pytest.mark.parametrize("language", ["en", "zh"])


def page(name: str, language: str = "en") -> Path:
    """A page's file."""
    return ROOT / "docs" / language / f"{name}.md"


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    """Who takes alarms."""
    with receiver() as web:
        yield web


@pytest.fixture(scope="module")
def place(tiny_project: Path, hook: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``my-product``: a built model with two versions, weeks of traffic, and hours that went wrong."""
    place = tmp_path_factory.mktemp("watched")
    folder = place / "my-product"
    shutil.copytree(tiny_project, folder)
    with (folder / "argosy.toml").open("a", encoding="utf-8") as settings:
        settings.write(SOLD.format(address=hook.url.replace("http", "json") + "/hook"))
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        releases = releases_in(database, folder)
        releases.add(folder, by="test")
        releases.kept.add(NAME, "b" * 64, "classify", by="test", metrics={}).result()
        _fill(
            Talk(
                shop=Watching(shop=shop, database=database, model=NAME),
                privacy=ProjectPrivacy(shop.project, folder, database),
            )
        )
    return place


def _fill(talk: Talk) -> None:
    """Weeks up to now, in whose last hours nearly every answer has the same label."""
    end = (time.time_ns() // 1000 - MONDAY) // HOUR
    first = end - WEEKS
    for day in range(first * HOUR // DAY, end * HOUR // DAY):
        talk.feedback(talk.day(day, 25))
    talk.shop.weeks(WEEKS - 12, first=first)
    for hour in range(end - 12, end):
        counts = {tenant: usual(talk.shop.rng, 40, bad=0.9) for tenant in "abc"}
        talk.shop.signals.note(talk.shop.hour(hour, counts)).result()


def _alarm(folder: Path) -> str:
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        return SqlAlarms(database).all(still=True)[0].id


def _prove(folder: Path) -> None:
    """Let labelled rows show that the version in the shadow does no harm."""
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        controls = releases_in(database, folder).controls
        controls.replayed(controls.line(NAME), Paired(won=20, lost=10, alike=3_000), "test")


def _label(table: Path, labels: tuple[str, ...]) -> None:
    """Fill a table with labels in turn."""
    frame = pl.read_csv(table, infer_schema=False)
    column = [labels[at % len(labels)] for at in range(frame.height)]
    frame.with_columns(pl.Series("label", column)).write_csv(table)


BEFORE: Mapping[str, Callable[[Path], None]] = {
    "argosy labels take mei.csv": lambda place: _label(place / "mei.csv", ("positive",)),
    "argosy labels take wei.csv": lambda place: _label(place / "wei.csv", ("negative", "positive")),
    "argosy labels take disputed.csv": lambda place: _label(place / "disputed.csv", ("positive",)),
    "argosy experiment begin": lambda place: _prove(place / "my-product"),
}
"""What people, and time, do before a line."""


def test_each_line_works_in_the_order_of_the_pages(
    place: Path, hook: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the first look over the alarm, its message, labels by three people and a dry run to the end of a trial."""
    pytest.importorskip("apprise")
    monkeypatch.chdir(place)
    said: dict[str, str] = {}
    for line in (line for name in PAGES for line in lines(page(name), "argosy")):
        if line in LONG or line.endswith(SOLD_ONCE):
            continue
        for start, deed in BEFORE.items():
            if line.startswith(start):
                deed(place)
        words = shlex.split(line)[1:]
        code = main([word if word != "alm_…" else _alarm(place / "my-product") for word in words])
        told = capsys.readouterr()
        assert code == 0, f"{line}\n{told.err}"
        said[line] = told.out + told.err
    assert "label bad" in said["argosy watch my-product"]
    assert "usually" in said["argosy alarm show alm_… my-product"]
    assert len(hook.taken) == 2
    assert said["argosy labels sheet my-product --disputed -o disputed.csv"].startswith("10 texts")
    assert "version 1 answers everybody" in said["argosy experiment end my-product"]


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_tell_to_type_the_same(name: str) -> None:
    """Their tables of addresses and outcomes too."""
    told = [{line.partition("  ")[0] for line in lines(page(name, language), "argosy")} for language in ("en", "zh")]
    assert told[0] == told[1]
    codes = [
        set(re.findall(r"`([a-z_]+://[^`]+|[a-z]+_[a-z_]+)`", page(name, language).read_text(encoding="utf-8")))
        for language in ("en", "zh")
    ]
    assert codes[0] == codes[1]


@both_languages
def test_the_feedback_of_the_page_is_understood(language: str) -> None:
    """Both bodies."""
    bodies = [FeedbackRequest.model_validate(json.loads(body)) for body in blocks(page("improving", language), "json")]
    assert [body.rating for body in bodies] == [None, -1]


@both_languages
def test_the_example_of_an_experiment_is_reckoned(language: str) -> None:
    """Outcomes at most and in half of the cases, for five points and ten, and tenants."""

    def units(by: By, effect: float) -> tuple[int, int]:
        """In all, and in half of the cases."""
        plain = {"outcome": "rating", "share": 0.5, "alpha": 0.05, "power": 0.8, "base": 0.8, "spread": 0.05}
        needed = size(Design(**plain, by=by, effect=effect, least=20, units=0, most=1))  # type: ignore[arg-type]
        return (bounded(needed.most, None, 20)[0] if by == "request" else needed.most), needed.half

    shown = [*units("request", 0.05), units("request", 0.1)[0], units("tenant", 0.05)[0]]
    text = page("improving", language).read_text(encoding="utf-8")
    assert [one for one in shown if f"{one:,}" not in text] == []


def _of_quality(found: Any) -> list[str]:
    names = ("held", "held_least", "plain_held", "held_among_liars", "kept_wrong")
    return [f"{100 * found[name]:.1f}%" for name in names]


def _of_experiments(found: Any) -> list[str]:
    settings = found["settings"].values()
    wrong, power = max(one["false_winners"] for one in settings), min(one["power"] for one in settings)
    return [f"{100 * wrong:.1f}%", f"{100 * found['naive']:.0f}%", f"{100 * power:.0f}%"]


def _of_labels(found: Any) -> list[str]:
    runs = found["runs"].values()
    gains, saved = ([run[name] for run in runs] for name in ("accuracy_gain", "accuracy_saved"))
    assert min(one["low"] for one in gains) > 0
    least, most = min(one["difference"] for one in gains), max(one["difference"] for one in gains)
    rare, often = min(one["value"] for one in saved), max(one["value"] for one in saved)
    return [f"{100 * least:.1f}", f"{100 * most:.1f}", f"{100 * rare:.0f}%", f"{100 * often:.0f}%"]


@both_languages
def test_the_figures_are_those_that_were_stored(language: str) -> None:
    """What the pages cite of the benchmarks, as they write it."""
    stored = {
        name: json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("live_quality", "experiments", "labelling", "labelling_banking77")
    }
    labels = {"runs": stored["labelling"]["runs"] | stored["labelling_banking77"]["runs"]}
    cited = [*_of_quality(stored["live_quality"]), *_of_experiments(stored["experiments"]), *_of_labels(labels)]
    text = re.sub(r"\s+%", "%", "".join(page(one, language).read_text(encoding="utf-8") for one in PAGES))
    assert [one for one in cited if one not in text] == []
