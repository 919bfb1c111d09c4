"""The pages of compute: their commands run, their table is one that is read, both languages tell the same."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from argosy.config.venture.file import read
from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"
HEAD = {"name": "x", "start": "2027-01"}


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "compute.md").read_text(encoding="utf-8")


def test_both_languages_tell_the_same() -> None:
    """Sections, commands, keys, and rows of the table, in one order."""
    shape = re.compile(r"^(?:argosy[^#\n]*|#+ |\[[\w.]+\]|[a-z_]+ =|\|)", re.MULTILINE)
    assert [one.strip() for one in shape.findall(page("en"))] == [one.strip() for one in shape.findall(page("zh"))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_the_page_is_read(language: str) -> None:
    """Every part of it."""
    (block,) = re.findall(r"```toml\n(.*?)```", page(language), re.DOTALL)
    found = read({"venture": HEAD, **tomllib.loads(block)}).compute
    assert found is not None
    assert None not in (found.training, found.memory, found.serving)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_commands_of_the_page_run(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But the one that needs a built project."""
    monkeypatch.chdir(tmp_path)
    lines = [line.partition("  #")[0].strip() for line in page(language).splitlines() if line.startswith("argosy")]
    wanted = [line for line in lines if "measure" not in line]
    assert len(wanted) == len(lines) - 1
    assert [main([*shlex.split(line)[1:], "--lang", language]) for line in wanted] == [0] * len(wanted)
