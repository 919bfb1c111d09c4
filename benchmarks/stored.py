"""The stored results, and whether each still stands: what was measured, with what code, on what machine."""

import ast
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.claim import Claim
from benchmarks.measuring import ROOT

from argosy.infer.processor import machine

HERE = Path(__file__).parent
RESULTS = HERE / "results"
SAME = ("processor", "cores", "instructions")  # what makes a machine another for a figure


def read(name: str) -> dict[str, Any] | None:
    """The stored result; none where it was never measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def keep(claim: Claim, result: dict[str, Any]) -> None:
    """Store a result with its day and the digest of what was measured."""
    known = {**result, "date": dt.datetime.now(tz=dt.UTC).date().isoformat(), "code": digest(claim)}
    path = RESULTS / f"{claim.name}.json"
    path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def changed(claim: Claim) -> str:
    """Why a result does not stand any more; empty while it does."""
    result = read(claim.name)
    if result is None:
        return "never measured"
    if result.get("code") != digest(claim):
        return "the code changed"
    here = machine()
    if any(result["machine"].get(name) != here.get(name) for name in SAME):
        return "another machine"
    told = {name: was for name, was in result["versions"].items() if name not in {"argosy", "python"}}
    moved = [f"{name} {was} is now {_version(name)}" for name, was in told.items() if was != _version(name)]
    return ", ".join(moved)


def digest(claim: Claim) -> str:
    """What the figures hang on: the script, what it takes from its room, and the code that it measures.

    Comments, docstrings, imports and the places of files do not count: a file that moved measures what it measured.
    """
    sources = [*scripts(HERE / f"{claim.script.replace('.', '/')}.py"), *measured(claim)]
    return hashlib.sha256("".join(sorted(map(_told, sources))).encode()).hexdigest()[:16]


def scripts(path: Path, seen: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """A script and the scripts that it imports; not the claims, which say what is hoped and not what is done."""
    seen |= {path}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for place in _ours(node):
            if place not in seen and place.stem not in {"measuring", "claims", "claim"}:
                seen = scripts(place, seen)
    return seen


def measured(claim: Claim) -> Iterator[Path]:
    """The files of the checkout that a claim names."""
    for name in claim.measures:
        place = ROOT / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else (place,)


def _ours(node: ast.AST) -> Iterator[Path]:
    """The modules of this package that a statement imports."""
    if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == HERE.name:
        module = ROOT / str(node.module).replace(".", "/")
        places = (module.with_suffix(".py"), *(module / f"{one.name}.py" for one in node.names))
        yield from (place for place in places if place.is_file())


def _told(path: Path) -> str:
    return code_digest(path.read_text(encoding="utf-8")) if path.suffix == ".py" else path.read_text(encoding="utf-8")


def code_digest(source: str) -> str:
    """The digest of what a source does: its syntax tree without imports and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [one for one in body if not _silent(one)]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _silent(node: ast.AST) -> bool:
    """An import, or a text that stands alone."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
