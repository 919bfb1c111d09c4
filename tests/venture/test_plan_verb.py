"""``argosy plan``: the screen, the figures, the lines, the JSON; an example to begin with, and nothing overwritten."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from planned import EXAMPLE, example

from argosy.core.language import translator
from argosy.ui import speech
from argosy.ui.cli import main
from argosy.venture.graph.reckon import exact
from argosy.venture.plan.words import MESSAGES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example in it."""
    assert main(["plan", "new", str(tmp_path / "my venture")]) == 0
    return tmp_path / "my venture"


def test_the_screen_tells_what_it_comes_to(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Years, worth, cash, milestones with what they miss, floors, origins."""
    assert main(["plan", "--in", str(folder)]) == 0
    told = capsys.readouterr().out
    for words in ("Harbour Desk", "2030", "NPV -383,834", "IRR 9.2 %", "never below 296,884", "nobody can: security"):
        assert words in told
    assert f"{len(example().figures)} figures: 0 measured, 1 sourced" in told


def test_the_team_is_told_with_the_skills_that_are_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each skill with its milestone; one that nobody has, one that one person alone has."""
    capsys.readouterr()
    assert main(["plan", "--in", str(folder), "--team"]) == 0
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "The API is open" in told["security"]
    assert told["security"].rstrip().endswith("missing")
    assert "Engineers" in told["backend"]
    assert not told["backend"].rstrip().endswith("missing")


def test_the_json_holds_every_line_as_it_was_reckoned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the cent, undefined values as null."""
    capsys.readouterr()
    assert main(["plan", "--in", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    wanted = exact(example())
    assert told["lines"].keys() == wanted.keys()
    for name, line in told["lines"].items():
        for found, value in zip(line["values"], wanted[name], strict=True):
            assert (found is None) == (value is None)
            assert found is None or value is None or abs(float(found) - float(value)) < 1e-5


@pytest.mark.parametrize("option", ["--figures", "--lines"])
def test_figures_and_lines_are_listed(folder: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    """All of them."""
    capsys.readouterr()
    assert main(["plan", "--in", str(folder), option]) == 0
    told = capsys.readouterr().out
    plan = example()
    assert len(told.splitlines()) == 1 + len(plan.figures if option == "--figures" else plan.rows)


def test_what_is_there_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second `new` leaves the file alone; without a file it is told how to begin."""
    (folder / "venture.toml").write_text("# mine", encoding="utf-8")
    assert main(["plan", "new", str(folder)]) == 3
    assert (folder / "venture.toml").read_text(encoding="utf-8") == "# mine"
    assert main(["plan", "--in", str(folder / "nowhere")]) == 5
    assert "argosy plan new" in capsys.readouterr().err


def test_every_title_is_said_in_both_languages() -> None:
    """The titles of all rows are among the messages, and each has its Chinese."""
    assert {row.title for row in example().rows} <= set(MESSAGES)
    chinese = translator("zh")
    assert [title for title in MESSAGES if chinese(title) == title and title != "{name}"] == []


TEXTS = ("name", "title", "why", "hint", "sourced", "trigger", "what", "problem", "solution", "ask")


def told(value: object, *, key: str = "") -> Iterator[str]:
    """The texts of a file that people read: the venture's name, titles, reasons, sources."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from told(inner, key=name)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner, key=key)
    elif isinstance(value, str) and key in TEXTS:
        yield value


def plain(value: object, *, key: str = "") -> object:
    """The same file without them."""
    if isinstance(value, dict):
        return {name: plain(inner, key=name) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return None if key in TEXTS[1:] else value


def test_the_example_is_written_in_chinese_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that people read of it; the figures and names are the same."""
    monkeypatch.setattr(speech, "language", "zh")
    assert main(["plan", "new", str(tmp_path)]) == 0
    text = (tmp_path / "venture.toml").read_text(encoding="utf-8")
    chinese, english = tomllib.loads(text), tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    said = [one for one in told(chinese) if not one.isascii() or " " in one]
    assert [one for one in said if one.isascii() and one != "argosy usage export"] == []
    assert [line for line in text.splitlines() if line.startswith("#") and line.isascii()] == []
    chinese["venture"]["name"] = english["venture"]["name"]
    assert plain(chinese) == plain(english)
    assert main(["plan", "--in", str(tmp_path)]) == 0
