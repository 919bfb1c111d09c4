"""The pages of compute: their commands run, settings can be read, every key is told, every formula has a source."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from argosy.config.venture.compute import Memory, Serving, Training, priced
from argosy.config.venture.file import read
from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("en", "zh")
HEAD = '[venture]\nname = "x"\nstart = 2027-01-01\n'


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "compute.md").read_text(encoding="utf-8")


def rows(language: str) -> list[list[str]]:
    """The cells of every row of the page's tables."""
    lines = [line for line in page(language).splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_both_languages_tell_the_same() -> None:
    """Their sections, commands, settings with their numbers, keys and formulas, in one order."""
    told = [
        re.findall(r"^(?:argosy[^#\n]*|#+ |\[[\w.]+\]|\w+ = (?:\{ value = [\d_.]+|[^{\n]*))", page(one), re.MULTILINE)
        for one in LANGUAGES
    ]
    plain = [[one for one in some if not one.startswith("title")] for some in told]
    assert plain[0] == plain[1]
    assert [len(row) for row in rows("en")] == [len(row) for row in rows("zh")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_told_and_every_formula_has_its_source(language: str) -> None:
    """Keys of the three tables; definitions with three cells, none empty."""
    keys = {name for row in rows(language) if len(row) == 2 for name in re.findall(r"`(\w+)`", row[0])}
    assert keys == {*Training.model_fields, *Memory.model_fields, *Serving.model_fields}
    formulas = [row for row in rows(language) if len(row) == 3]
    assert len(formulas) > 15
    assert all(map(all, formulas))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_of_the_page_can_be_read(language: str) -> None:
    """The tables of a plan, and those of the price table."""
    figures, asked, prices = re.findall(r"```toml\n(.*?)```", page(language), re.DOTALL)
    found = read(
        tomllib.loads(HEAD + figures + asked), measured=lambda *_: {"value": 0.1, "unit": "CNY/1k requests"}
    ).compute
    assert found is not None
    assert found.training is not None
    assert found.memory is not None
    assert found.serving is not None
    assert priced(tomllib.loads(prices)).machine["own"].life == 36


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_the_page_run(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one folder; all but the measurement, which needs a model and half a minute."""
    monkeypatch.chdir(tmp_path)
    lines = [line for line in re.findall(r"^argosy [^#\n]*", page(language), re.MULTILINE) if " measure " not in line]
    assert len(lines) == 4
    assert {line: main([*shlex.split(line)[1:], "--lang", language]) for line in lines} == dict.fromkeys(lines, 0)
