"""What every benchmark shares: the machine, the versions, and the one JSON line at the end."""

import argparse
import json
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.claim import Figure
from benchmarks.claims import CLAIMS

from argosy.infer.processor import machine

GIT = shutil.which("git") or "git"
ROOT = Path(__file__).parent.parent


def tell(name: str, figures: dict[str, Any], *, packages: tuple[str, ...] = ()) -> None:
    """Print the result as the last line: what is claimed by that name, figures, machine, commit and versions."""
    claim = next(claim for claim in CLAIMS.values() if claim.script.rpartition(".")[2] == name)  # whatever its data
    said = {"claim": claim.says.en, "peer": claim.against.en, "goal": "; ".join(map(goal, claim.goals))}
    versions = {"python": platform.python_version(), **{name: version(name) for name in ("argosy", *packages)}}
    where = {"machine": machine(), "commit": commit(), "versions": versions}
    print(json.dumps({**said, **figures, **where}, ensure_ascii=False))


def goal(figure: Figure) -> str:
    """A goal in words, such as ``texts/s in batches >= 8.7``."""
    return " ".join(filter(None, (figure.what.en, figure.goal or figure.stretch)))


def arguments(description: str | None, *, project: bool = False) -> argparse.Namespace:
    """What every benchmark takes: ``quick``, and the built ``project`` to measure where it needs one."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows")
    if project:
        parser.add_argument("project", nargs="?", type=Path, default=ROOT / "examples" / "reviews", help="a built one")
    return parser.parse_args()


def program(name: str, *words: str) -> list[str]:
    """The command that runs one of these scripts in a process of its own, to be started in ``ROOT``."""
    return [sys.executable, "-m", f"benchmarks.{name}", *words]


def commit() -> str:
    """The commit measured, with ``+`` behind it where files differ from it."""
    said = [
        subprocess.run([GIT, *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for words in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    ]
    return said[0] + ("+" if said[1] else "")


def note(text: str) -> None:
    """What happens just now, on standard error."""
    print(text, file=sys.stderr, flush=True)
