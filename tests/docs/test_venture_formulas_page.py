"""The pages of the venture's formulas: every general line of a plan is defined there, with its source."""

import re
from pathlib import Path

import pytest
from planned import example

DOCS = Path(__file__).parents[2] / "docs"
PLAIN = {
    "number",
    "months",
    "hours",
    "year",
    "new_year",
    "customers",
    "people",
    "opening",
    "drawn",
    "repaid",
    "interest",
}
"""Lines of the calendar, and those that are what their name says."""


def rows(language: str) -> list[list[str]]:
    """The cells of every row of the page's tables, heads left out."""
    text = (DOCS / language / "venture-formulas.md").read_text(encoding="utf-8")
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [one for one, after in zip(found, [*found[1:], []], strict=True) if one[0] != "---" and after[:1] != ["---"]]


def test_every_line_of_a_plan_is_defined() -> None:
    """All lines that are not of one segment, stream or role."""
    told = set(re.findall(r"`(\w+)`", " ".join(cell for row in rows("en") for cell in row)))
    assert {row.name for row in example().rows if not row.about} - PLAIN - told == set()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_has_a_definition_and_a_source(language: str) -> None:
    """Three cells, none of them empty."""
    found = rows(language)
    assert len(found) > 55
    assert [row for row in found if len(row) != 3 or not all(row)] == []


def test_both_languages_define_the_same() -> None:
    """Row by row, the lines that each names."""
    named = {language: [re.findall(r"`(\w+)`", row[0]) for row in rows(language)] for language in ("en", "zh")}
    assert named["en"] == named["zh"]
    assert len(rows("en")) == len(rows("zh"))
