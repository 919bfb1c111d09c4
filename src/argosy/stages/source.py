"""The digest of the code that a stage runs: its own module and every Argosy module that it can reach by imports.

A stage's result must not outlive its code. Imports are read from the source text, those inside functions too, so the
list of modules cannot be forgotten or go stale.
"""

import ast
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "argosy"


def digest_code(module: str) -> str:
    """SHA-256 over the names and sources of ``module`` and all it imports from this package, in hexadecimal."""
    total = hashlib.sha256()
    for name in reachable(module):
        path = _path(name)
        if path:
            total.update(f"{name}\0".encode() + path.read_bytes())
    return total.hexdigest()


def reachable(module: str) -> list[str]:
    """``module`` and the modules of this package that it imports, directly or not, sorted."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_imports(name))
    return sorted(seen)


@cache
def _imports(module: str) -> tuple[str, ...]:
    path = _path(module)
    if path is None:
        return ()
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return tuple(sorted(name for name in found if name.startswith(f"{PACKAGE}.") and _path(name)))


@cache
def _path(module: str) -> Path | None:
    """The module's file, or None for a name that is no module (a class imported from one)."""
    parent = module.rpartition(".")[0]
    if parent and (_path(parent) is None or _path(parent) != _package(parent)):
        return None
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin else None


def _package(module: str) -> Path | None:
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin and spec.submodule_search_locations else None
