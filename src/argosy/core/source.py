"""The digest of code: a module and every module that it can reach by imports, in Argosy and among its own modules.

Its own are those of its package, and those that lie beside it where it is not installed.

A stage's result must not outlive its code, nor a model the extension that it stands behind. Imports are read from the
source text, those inside functions too, so the list of modules cannot be forgotten or go stale.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

PACKAGE = "argosy"


def digest_code(*modules: str) -> str:
    """SHA-256 over the names and sources of ``modules`` and of all that they can reach, in hexadecimal."""
    return _digest(sorted({name for module in modules for name in reachable(module)}))


def digest_own(module: str) -> str:
    """The same without Argosy's own modules, whose version a model stores."""
    return _digest([name for name in reachable(module) if not _within(name, PACKAGE)])


def reachable(module: str) -> list[str]:
    """``module`` and the modules of Argosy and of its own that it imports, directly or not, sorted."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_imports(name))
            if not _within(name, PACKAGE) and "." in name:
                waiting.append(name.rpartition(".")[0])  # the package that it lies in runs before it
    return sorted(seen)


def _digest(modules: Iterable[str]) -> str:
    total = hashlib.sha256()
    for name in modules:
        path = file_of(name)
        if path:
            total.update(f"{name}\0".encode() + path.read_bytes())
    return total.hexdigest()


def _within(name: str, package: str) -> bool:
    """Whether a module is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


def _beside(name: str, module: str) -> bool:
    """Whether a name is of the module's own package, or of one that lies beside it and is not installed."""
    other, own = name.partition(".")[0], module.partition(".")[0]
    return other == own or (own != PACKAGE and (place := _place(own)) is not None and _place(other) == place)


@cache
def _place(top: str) -> Path | None:
    """The folder in which a module or package at the top lies; None where packages are installed."""
    path = file_of(top)
    if path is None:
        return None
    folder = path.parent.parent if path == _package(top) else path.parent
    return None if folder.name in ("site-packages", "dist-packages") else folder


@cache
def _imports(module: str) -> tuple[str, ...]:
    path = file_of(module)
    if path is None or path.suffix != ".py":
        return ()
    names = {name for name in _named(module, path) if _within(name, PACKAGE) or _beside(name, module)}
    return tuple(sorted(name for name in names if name != PACKAGE and file_of(name)))


def _named(module: str, path: Path) -> Iterator[str]:
    """Every name that may be a module among what a file imports."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


@cache
def file_of(module: str) -> Path | None:
    """The module's file, or None for a name that is no module (a class imported from one)."""
    parent = module.rpartition(".")[0]
    if parent and (file_of(parent) is None or file_of(parent) != _package(parent)):
        return None
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin else None


def _package(module: str) -> Path | None:
    spec = find_spec(module)
    return Path(spec.origin) if spec and spec.origin and spec.submodule_search_locations else None
