"""The pages of the market: their commands run as they stand, every key is told, every formula has its source."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from argosy.config.venture.file import read
from argosy.config.venture.market import Market
from argosy.ui.cli import main
from argosy.venture.market.positions import CRITERIA

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("en", "zh")
HEAD = '[venture]\nname = "x"\nstart = 2027-01-01\n'


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "market.md").read_text(encoding="utf-8")


def rows(language: str) -> list[list[str]]:
    """The cells of every row of the page's tables."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page(language).splitlines()
        if line[:2] == "| "
    ]


def test_both_languages_tell_the_same() -> None:
    """Their commands, settings, keys and figures, in one order."""
    told = [re.findall(r"^(?:argosy [^#\n]*|[a-z\[\"][^\n]* = [^\n]*|\| `[^`]+`|#+ )", page(one), re.MULTILINE)
            for one in LANGUAGES]  # fmt: skip
    plain = [[re.sub(r"\s*#.*", "", one).strip() for one in some] for some in told]
    assert plain[0] == plain[1]
    assert [len(row) for row in rows("en")] == [len(row) for row in rows("zh")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_told_and_every_formula_has_its_source(language: str) -> None:
    """Keys of the table, criteria of positions; definitions with three cells, none empty."""
    heads = " ".join(row[0] for row in rows(language) if len(row) == 2)
    assert set(re.findall(r"`(\w+)`", heads)) == set(Market.model_fields)
    formulas = [row for row in rows(language) if len(row) == 3]
    assert len(formulas) > 20
    assert all(map(all, formulas))
    assert set(CRITERIA) <= {name for row in formulas for name in re.findall(r"`(\w+)`", row[0])}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_of_the_page_can_be_read(language: str) -> None:
    """As they stand, with what runs would have measured."""
    (block,) = re.findall(r"```toml\n(.*?)```", page(language), re.DOTALL)
    values = tomllib.loads(HEAD + block)
    found = read(values, measured=lambda *_: {"value": 0.4, "unit": "share"}).market
    assert found is not None
    assert found.size[0].name == "small shops"


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one folder; by words alone and on fewer reviews, so that it is quick."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("argosy.project.venturing.marketing.find_spec", lambda _: None)
    first, *others = re.findall(r"^argosy [^#\n]*", page("en"), re.MULTILINE)
    assert len(others) == 2
    assert main(shlex.split(first)[1:]) == 0
    reviews = tmp_path / "stall" / "reviews.csv"
    reviews.write_text("".join(reviews.read_text(encoding="utf-8").splitlines(keepends=True)[:300]), encoding="utf-8")
    assert [main(shlex.split(one)[1:]) for one in others] == [0, 0]
    assert (tmp_path / "stall" / "venture" / "market.html").is_file()
