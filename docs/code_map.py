# ruff: noqa: INP001 - a script beside the pages that it writes
"""The package as its files tell it: modules, their imports and functions, and the rooms that the walls hold apart."""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGE = "argosy"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Module:
    """A file of the package; ``name`` leaves the package's own away: ``core.errors``, and the package's is empty."""

    name: str
    path: Path

    @cached_property
    def source(self) -> str:
        """What stands in the file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.source)

    @property
    def lines(self) -> int:
        """How long the file is."""
        return len(self.source.splitlines())

    @property
    def room(self) -> str:
        """The folder right below the package's."""
        return self.name.partition(".")[0]

    @property
    def is_folder(self) -> bool:
        """Whether this file speaks for a folder."""
        return self.path.name == "__init__.py"

    @property
    def says(self) -> str:
        """The docstring's first paragraph, on one line."""
        return " ".join((ast.get_docstring(self.tree) or "").split("\n\n")[0].split())

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Functions and methods by their names (``Desk.take``), without those inside of functions."""
        yield from _functions(self.tree, "")

    def lengths(self) -> Iterator[tuple[int, str]]:
        """Lines and name of each function, also of those inside of functions."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, node.name


def _functions(owner: ast.Module | ast.ClassDef, above: str) -> Iterator[tuple[str, Function]]:
    for node in owner.body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{above}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield above + node.name, node


def read_modules() -> dict[str, Module]:
    """All modules by name."""
    found = {}
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        parts = path.relative_to(SOURCE / PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name=name, path=path)
    return found


def layers() -> list[list[str]]:
    """The rooms from the highest to the lowest, as import-linter's first contract orders them; a floor may have two."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contract = next(contract for contract in settings["contracts"] if contract["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in contract["layers"]]


def imports(module: Module, modules: Mapping[str, Module]) -> set[str]:
    """The modules of the package that a module imports anywhere, in functions too, but for its annotations alone."""
    found = set()
    for full in _imported(module.tree):
        name = full.removeprefix(PACKAGE).removeprefix(".")
        if full.partition(".")[0] == PACKAGE:
            found.add(name if name in modules else name.rpartition(".")[0])
    return (found & modules.keys()) - {module.name}


def packages(module: Module) -> set[str]:
    """The other packages that a module imports, without the standard library's."""
    return {name.partition(".")[0] for name in _imported(module.tree)} - sys.stdlib_module_names - {PACKAGE}


def graph(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Who imports whom."""
    return {name: imports(module, modules) for name, module in modules.items()}


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a ring, the first one again at the end; empty where there is none."""
    done: set[str] = set()
    for start in arrows:
        if found := _circle(start, arrows, [], done):
            return found
    return []


def _circle(name: str, arrows: Mapping[str, set[str]], way: list[str], done: set[str]) -> list[str]:
    if name in way:
        return [*way[way.index(name) :], name]
    if name in done:
        return []
    for other in sorted(arrows.get(name, ())):
        if found := _circle(other, arrows, [*way, name], done):
            return found
    done.add(name)
    return []


def names_in(node: ast.AST) -> set[str]:
    """Every name and attribute that a piece of code speaks of."""
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return names | {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}


def _imported(node: ast.AST) -> Iterator[str]:
    """What is imported, with the names out of it: ``from a import b`` is ``a.b``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in names_in(node.test):
        yield from chain.from_iterable(map(_imported, node.orelse))
    else:
        yield from chain.from_iterable(map(_imported, ast.iter_child_nodes(node)))
