"""The pages of the recommender: their commands run as they stand, on the sample project."""

import re
import shlex
from pathlib import Path

import pytest

from argosy.ui.cli import main

DOCS = Path(__file__).parents[2] / "docs"
NOT_HERE = ("argosy serve", "../shop-next", "trial")  # what does not end, or needs another project


def commands(language: str) -> list[str]:
    """The commands of a page in their order, without what is said behind them."""
    text = (DOCS / language / "recommend.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("argosy") and not any(part in line for part in NOT_HERE)]


def codes(language: str) -> list[str]:
    """What a page names: its sections, the verbs that it tells to type, and the keys of its project files, in order."""
    text = (DOCS / language / "recommend.md").read_text(encoding="utf-8")
    return re.findall(r"^(?:argosy(?: [a-z]+)+|\| `[^`]+`|#+ |\[[\w.]+\]|[a-z_]+ =)", text, re.MULTILINE)


def test_both_languages_tell_the_same() -> None:
    """Their sections, verbs and keys, in one order."""
    assert codes("en") == codes("zh")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first to the last, in one folder; none ends with an error.

    Slow, since a recommender is built, which may take minutes beside other tests: those of the other page are the
    same, as the test above says.
    """
    for package in ("torch", "lightgbm", "implicit"):
        pytest.importorskip(package, reason="a recommender is built by packages of the extra recommend")
    monkeypatch.chdir(tmp_path)
    told = {line: main(shlex.split(line)[1:]) for line in commands("en")}
    assert len(told) > 6
    assert {line: code for line, code in told.items() if code} == {}
