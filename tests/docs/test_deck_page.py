"""The pages of ``argosy deck``: their commands run as they stand, and both tell the same."""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

from argosy.config.venture.file import Venture
from argosy.config.venture.pitch import Pitch
from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"
SAMPLE = Path(__file__).parents[1] / "venture" / "acme-holdings"


def page(language: str) -> str:
    """The page."""
    return (DOCS / language / "deck.md").read_text(encoding="utf-8")


def codes(language: str) -> list[str]:
    """What a page names, in order: its sections, commands, files, keys."""
    found = re.findall(r"^(?:argosy[^#\n]*|\| `[^`]+`|#+ |\[[\w.]+\]|[a-z_]+ =)", page(language), re.MULTILINE)
    return [one.strip() for one in found]


def test_both_languages_tell_the_same() -> None:
    """Their sections, commands, files and keys, in one order."""
    assert codes("en") == codes("zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_key_of_the_pitch_is_told_and_read(language: str) -> None:
    """And none that is not there."""
    block = re.search(r"```toml\n(.*?)```", page(language), re.DOTALL)
    assert block is not None
    given = tomllib.loads(block.group(1))
    assert given["pitch"].keys() == Pitch.model_fields.keys()
    assert Venture.model_validate({"venture": {"name": "x", "start": "2027-01"}, **given}).pitch.what


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pictures_are_there(language: str) -> None:
    """Small enough to be looked at anywhere."""
    for name in re.findall(r"\.\./images/([\w.]+)", page(language)):
        assert 10_000 < (DOCS / "images" / name).stat().st_size <= 150_000


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_commands_of_the_page_run(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first to the last, in one folder; none ends with an error.

    Slow: nine documents are written. The example is drawn a few times only and not discounted, or it took minutes.
    """
    for name in ("docx", "pptx", "matplotlib", "weasyprint", "xlsxwriter", "SALib", "pgmpy"):
        pytest.importorskip(name, reason="it writes or reckons a part")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLE, tmp_path / "acme")
    lines = [line for line in codes(language) if line.startswith("argosy")]
    told = {}
    for line in lines:
        told[line] = main([*shlex.split(line)[1:], "--lang", language])
        plan = tmp_path / "harbour" / "venture.toml"
        text = re.sub(r"(?s)\[worth\].*?(?=\n\[)", "", plan.read_text(encoding="utf-8"))
        plan.write_text(text.replace("draws = 10_000", "draws = 100"), encoding="utf-8")
    assert len(told) > 4
    assert {line: code for line, code in told.items() if code} == {}
