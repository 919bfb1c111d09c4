# ruff: noqa: INP001 - a script beside the pages that it writes
"""Write what the pages of the house tell of the code: its rooms and their arrows, its names, and the ways through it.

    python docs/architecture.py

Only what stands between the marks of a page is replaced, and the drawings. A test compares both with the code: words
must be the same, numbers about the same, so that a new line somewhere makes no page wrong.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from code_map import Module, graph, layers, names_in, packages, read_modules
from house_drawing import drawing

HERE = Path(__file__).parent
PAGES = {"en": HERE / "architecture.md", "zh": HERE / "zh" / "architecture.md"}
DRAWINGS = {"en": HERE / "images" / "house.svg", "zh": HERE / "images" / "house.zh.svg"}
SAID: dict[str, Any] = tomllib.loads((HERE / "house.toml").read_text(encoding="utf-8"))
WORDS = SAID["words"]
PART = re.compile(r"(<!-- from the code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NO_CHINESE = "{} is not told in Chinese: mend docs/house.toml"
_NO_STEP = "{} {}: mend docs/house.toml"
LAG = 0.1  # of a number, by which a page may be behind
Row = tuple[object, ...]


class House:
    """The package as the pages tell it."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules
        self.floors = layers()
        self.rooms = [room for floor in self.floors for room in floor]
        self.imports = graph(modules)
        self.arrows = Counter(
            (modules[one].room, modules[other].room)
            for one, others in self.imports.items()
            for other in others
            if {modules[one].room, modules[other].room} <= set(self.rooms) and modules[one].room != modules[other].room
        )

    def inside(self, place: str) -> list[Module]:
        """The files of a room or a part of one."""
        return [module for name, module in self.modules.items() if f"{name}.".startswith(f"{place}.")]

    def draw(self, language: str) -> str:
        """The drawing of the rooms."""
        words = WORDS[language]
        sizes = {room: str(words["lines"]).format(lines=_lines(self.inside(room))) for room in self.rooms}
        return drawing(self.floors, sizes, self.arrows, (str(words["title"]), *words["said"]))

    def written(self, page: str, language: str) -> str:
        """A page with its parts written anew."""
        parts: dict[str, Callable[[str], str]] = {
            "whole": self._whole,
            "rooms": self._rooms,
            "sizes": self._sizes,
            "parts": self._parts,
            "names": self._names,
            "points": self._points,
            "flows": self._flows,
        }
        return PART.sub(lambda found: f"{found[1]}\n{parts[found[2]](language)}\n\n{found[3]}", page)

    def _whole(self, language: str) -> str:
        every = list(self.modules.values())
        return str(WORDS[language]["whole"]).format(
            files=len(every), lines=_lines(every), arrows=self.arrows.total(), pairs=len(self.arrows)
        )

    def _rooms(self, language: str) -> str:
        used = {room: [other for other in self.rooms if (room, other) in self.arrows] for room in self.rooms}
        rows = ((f"`{room}`", self._says(room, language), " ".join(used[room]) or "–") for room in self.rooms)
        return _table(WORDS[language]["rooms"], rows)

    def _sizes(self, language: str) -> str:
        return _table(WORDS[language]["sizes"], map(self._size, self.rooms))

    def _size(self, room: str) -> Row:
        files = self.inside(room)
        stories = [module for module in files if ".migrations." not in module.name]  # those are lists of tables
        return (
            f"`{room}`",
            len(files),
            f"{_lines(files):,}",
            max(module.lines for module in files),
            max((lines for module in stories for lines, _ in module.lengths()), default="–"),
            " ".join(sorted(set().union(*map(packages, files)))) or "–",
        )

    def _parts(self, language: str) -> str:
        folders = [name for name, module in self.modules.items() if module.is_folder and "." in name]
        folders.sort(key=lambda name: (self.rooms.index(name.partition(".")[0]), name))
        return _table(
            WORDS[language]["parts"],
            (
                (f"`{name}`", self._says(name, language), len(files), f"{_lines(files):,}")
                for name in folders
                for files in [self.inside(name)]
            ),
        )

    def _says(self, name: str, language: str) -> str:
        if language == "zh" and name not in SAID["chinese"]:
            raise ValueError(_NO_CHINESE.format(name))
        return SAID["chinese"][name] if language == "zh" else _plain(self.modules[name].says)

    def _names(self, language: str) -> str:
        homes, original = (_literal(self.modules[""].tree, name) for name in ("_HOMES", "_ORIGINAL"))
        return _table(
            WORDS[language]["names"],
            (
                (
                    f"`{name}`",
                    f"`{homes[name]}`",
                    _plain(_docstring(self.modules[homes[name]], original.get(name, name))),
                )
                for name in sorted(homes, key=str.lower)
            ),
        )

    def _points(self, language: str) -> str:
        kinds = [name for name in _fields(self.modules["core.extension"].tree, "Extension") if name != "name"]
        rows = ((f"`{kind}`", SAID["points"][kind][language]) for kind in kinds)
        return _table(WORDS[language]["points"], rows)

    def _flows(self, language: str) -> str:
        return "\n\n".join(self._flow(flow, language) for flow in SAID["flows"])

    def _flow(self, flow: Mapping[str, Any], language: str) -> str:
        lines = [f"### {flow[language]}", ""]
        for number, (step, handed) in enumerate(self.steps(flow), start=1):
            module, name = step["place"].split(":")
            way = f" ({WORDS[language]['handed']})" if handed else ""
            lines.append(f"{number}. `{module}` **{name}** – {step[language]}{way}")
        return "\n".join(lines)

    def steps(self, flow: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, str], bool]]:
        """Each step, and whether it was handed to its caller, which doesn't import it.

        Raises ValueError for a function that is not there, and for one that no earlier step speaks of.
        """
        passed: list[tuple[str, set[str]]] = []
        for step in flow["steps"]:
            place, _, name = step["place"].partition(":")
            known = dict(self.modules[place].functions()) if place in self.modules else {}
            if name not in known:
                raise ValueError(_NO_STEP.format(step["place"], "is not there"))
            callers = [caller for caller, names in passed if name.rpartition(".")[2] in names]
            if passed and not callers:
                raise ValueError(_NO_STEP.format(step["place"], "is called by no step before it"))
            passed.append((place, _spoken(known, name)))
            yield step, bool(callers) and not any(place in {caller, *self.imports[caller]} for caller in callers)


def about_the_same(page: str, fresh: str) -> bool:
    """Whether two texts have the same words, and numbers that are a tenth apart at most."""
    if NUMBER.sub("0", page) != NUMBER.sub("0", fresh):
        return False
    pairs = zip(
        *([float(found.replace(",", "")) for found in NUMBER.findall(text)] for text in (page, fresh)), strict=True
    )
    return all(abs(one - other) <= max(2.0, LAG * abs(other)) for one, other in pairs)


def main() -> None:
    """Replace the parts of both pages, and both drawings."""
    house = House(read_modules())
    for language, page in PAGES.items():
        page.write_text(house.written(page.read_text(encoding="utf-8"), language), encoding="utf-8")
        DRAWINGS[language].write_text(house.draw(language), encoding="utf-8")


def _lines(files: list[Module]) -> int:
    return sum(module.lines for module in files)


def _table(head: Sequence[str], rows: Iterator[Row]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _plain(said: str) -> str:
    return said.replace("``", "`").removesuffix(".").replace("|", "\\|")


def _spoken(known: Mapping[str, ast.AST], name: str) -> set[str]:
    """Every name that a function speaks of, and those of its own module that it goes by."""
    names, waiting = set[str](), [name]
    done = set[str]()
    while waiting:
        one = waiting.pop()
        done.add(one)
        names |= names_in(known[one])
        waiting += [other for other in known if other not in done and other.rpartition(".")[2] in names]
    return names


def _literal(tree: ast.Module, name: str) -> dict[str, str]:
    """A table of strings at the top of a module."""
    found = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name
    )
    return dict(ast.literal_eval(found))


def _docstring(module: Module, name: str) -> str:
    """The first sentence of a function or class."""
    kinds = ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef
    node = next(node for node in module.tree.body if isinstance(node, kinds) and node.name == name)
    return (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")


def _fields(tree: ast.Module, name: str) -> Iterator[str]:
    """The fields of a dataclass."""
    owner = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    for node in owner.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


if __name__ == "__main__":
    main()
