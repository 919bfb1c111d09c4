"""What is committed speaks of Argosy alone: no path of one machine, no package host, no ticket number."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each pattern is written so that it does not find itself.
FOREIGN = re.compile(
    r"/(?:r[o]ot|h[o]me/[a-z]+|Us[e]rs|w[o]rk|opt/(?:pyp[i]|wh[e]els))/"
    r"|/t[m]p/w\b"
    r"|\.l[i]brary\b"
    r"|\bs[u]bagent"
    r"|\b[i]ssues? #?\d"
    r"|<<<<<<<[ ]"
    r"|p[y]pi\.org|pyth[o]nhosted|d[o]wnload\.pytorch"
)


def committed() -> list[Path]:
    """The text files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def foreign_lines(text: str) -> list[str]:
    """The lines that speak of something else, with their numbers."""
    return [f"{number}: {line}" for number, line in enumerate(text.splitlines(), 1) if FOREIGN.search(line)]


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="needs git to tell what is committed"
)
def test_committed_files_speak_of_argosy_alone() -> None:
    """A path, a host or a number that means nothing to a stranger is found before it is shipped."""
    found = {path: foreign_lines(path.read_text(encoding="utf-8", errors="replace")) for path in committed()}
    assert {str(path.relative_to(ROOT)): lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line", ["see /r" + "oot/x", "cd /ho" + "me/ann/argosy", "mends is" + "sue 12", "at py" + "pi.org"]
)
def test_a_foreign_line_is_found(line: str) -> None:
    """The list of words works."""
    assert foreign_lines(f"fine\n{line}\n") == [f"2: {line}"]


@pytest.mark.parametrize("line", ["the roots of it", "at home/away", "issues of a paper", "/api/v1/"])
def test_plain_words_pass(line: str) -> None:
    """Ordinary words are not taken for paths or tickets."""
    assert foreign_lines(line) == []
