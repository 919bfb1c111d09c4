"""The pages of the board: their commands run as they stand, and name every key of their table and every measure."""

import json
import re
import shlex
from pathlib import Path

import pytest
from ledgered import filled, town

from argosy.config.venture.actual import Actual
from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "board.md").read_text(encoding="utf-8")


def codes(language: str) -> list[str]:
    """What a page names, in order: its commands, sections, tables' first names, and code."""
    found = re.findall(r"^(?:argosy[^#\n]*|\| `[^`]+`|#+ |\[[\w.]+\]|[a-z_]+ = .*)", page(language), re.MULTILINE)
    return [one.strip() for one in found]


def test_both_languages_tell_the_same() -> None:
    """Their sections, commands, keys and code, in one order, and as many figures."""
    assert [one for one in codes("en") if not one.startswith("#")] == [
        one for one in codes("zh") if not one.startswith("#")
    ]
    assert page("en").count("\n## ") == page("zh").count("\n## ")
    assert page("en").count("\n|") == page("zh").count("\n|")


def test_every_key_is_told_with_its_default() -> None:
    """And none that is not there."""
    told = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", page("en"), re.MULTILINE))
    assert set(Actual.model_fields) <= set(told)
    for name in ("activated", "within", "pays_within", "window"):
        assert told[name].endswith(f": {Actual.model_fields[name].default}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_commands_of_the_page_run(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one folder, with the table of the page and a shop beside; the measures kept are those that the page names."""
    monkeypatch.chdir(tmp_path)
    with town(tmp_path / "desk", "2026-01-01") as shop:
        filled(shop, 1, ["2026-01", "2026-02"], 6)
    lines = [line for line in codes(language) if line.startswith("argosy")]
    table = re.findall(r"```toml\n(\[actual\].*?)```", page(language), re.DOTALL)[0]
    told = {}
    for line in lines:
        told[line] = main([*shlex.split(line)[1:], "--lang", language])
        if " new " in line:
            place = tmp_path / "harbour/venture.toml"
            place.write_text(f"{place.read_text(encoding='utf-8')}\n{table}", encoding="utf-8")
    assert len(told) == 5
    assert {line: code for line, code in told.items() if code} == {}
    assert (tmp_path / "board.html").is_file()
    kept = json.loads((tmp_path / "harbour/venture/ledger.json").read_text(encoding="utf-8"))["measures"]
    named = {one.rpartition(".")[2] for one in re.findall(r"^\| `((?:[A-Z]+\.)?[a-z_]+)` \|", page("en"), re.MULTILINE)}
    assert {key.rpartition(".")[2] for key in kept} <= named
