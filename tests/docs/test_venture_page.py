"""The pages of the venture: their commands run as they stand, and name every table of its file."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from argosy.config.venture.file import Venture
from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"
SAMPLE = Path(__file__).parents[1] / "venture" / "acme-holdings"
OWN = {"figures", "currencies"}  # told in the section of figures


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "venture.md").read_text(encoding="utf-8")


def codes(language: str) -> list[str]:
    """What a page names, in order: its sections, commands, tables."""
    return re.findall(r"^(?:argosy[^#\n]*|\| `[^`]+`|#+ |\[[\w.]+\]|[a-z_]+ =)", page(language), re.MULTILINE)


def test_both_languages_tell_the_same() -> None:
    """Their sections, commands and tables, in one order."""
    assert [one.strip() for one in codes("en")] == [one.strip() for one in codes("zh")]


def test_every_table_is_told() -> None:
    """And none that is not there."""
    told = set(re.findall(r"^\| `\[+(\w+)\]+`", page("en"), re.MULTILINE))
    assert told == set(Venture.model_fields) - OWN


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_commands_of_the_page_run(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first to the last, in one folder; none ends with an error."""
    pytest.importorskip("xlsxwriter", reason="it writes the workbook")
    pytest.importorskip("SALib", reason="it reckons Sobol indices")
    pytest.importorskip("pgmpy", reason="it reckons the probabilities of risks")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLE, tmp_path / "acme")
    lines = [line.partition("  #")[0].strip() for line in codes(language) if line.startswith("argosy")]
    told = {}
    for line in lines:
        told[line] = main([*shlex.split(line)[1:], "--lang", language])
        if line == "argosy plan new harbour":  # fewer draws, and the rest is as it stands
            file = tmp_path / "harbour" / "venture.toml"
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("draws = 10_000", "draws = 500"), encoding="utf-8")
    assert len(told) > 6
    assert {line: code for line, code in told.items() if code} == {}
