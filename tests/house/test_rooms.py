"""What import-linter does not hold: every module stands in a room, none imports itself by way of others, all speak."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from code_map import ROOT, Module, circle, graph, imports, layers, packages, read_modules

import argosy

MODULES = read_modules()
WORD = re.compile(r"\w+")
_SPEAKING = [
    path
    for folder in ("src", "docs", "benchmarks", "examples", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md", ".html", ".toml"} and "_build" not in path.parts
]
OUTSIDE = {"", "__main__"}  # the package's own file, and what starts the topmost room
FILES_OF_A_FOLDER = 27
UNSPOKEN = {
    "__getattr__",  # called by Python
    "EchoEmbedder",  # stands in for a model where somebody tests against the service
    "close_extensions",  # for tests of extensions, which open several in one process
}
PUBLIC = {
    *(
        "Artifact",
        "ArgosyError",
        "BusyError",
        "Classifier",
        "Comparison",
        "DataError",
        "Delta",
        "Dropped",
        "EchoEngine",
    ),
    *("Example", "Fitted", "GateError", "GenerationSettings", "Generator", "MachineError", "Message"),
    *(
        "MissingError",
        "Model",
        "Outcome",
        "Prediction",
        "Problems",
        "Project",
        "ProjectError",
        "Recipe",
        "Scores",
        "Stage",
    ),
    *("StoppedError", "build", "compare", "explain", "fit", "load", "load_project", "open_generator", "results"),
    *("score", "__version__"),
}


def parsed(name: str, source: str, folder: Path) -> Module:
    """A module that is no file of the package."""
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return Module(name=name, path=path)


def test_every_module_stands_in_a_room() -> None:
    """No floor is forgotten, and none is empty."""
    rooms = {room for floor in layers() for room in floor}
    assert {module.room for name, module in MODULES.items() if name not in OUTSIDE} == rooms


def test_no_modules_import_each_other_in_a_ring() -> None:
    """Not even inside functions, where Python lets them: whoever reads one of a ring has to read them all."""
    assert circle(graph(MODULES)) == []


def test_a_ring_is_found(tmp_path: Path) -> None:
    """The test above sees imports in functions, and those that are only for types it leaves out."""
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from argosy import a\n"
    sources = {
        "a": "from argosy import b\n",
        "b": "def f():\n    from argosy.c import x\n",
        "c": "import argosy.a\nimport os, numpy\n",
        "d": f"{typed}else:\n    import argosy.b\n",
    }
    modules = {name: parsed(name, source, tmp_path) for name, source in sources.items()}
    assert graph(modules) == {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"b"}}
    assert circle(graph(modules)) == ["a", "b", "c", "a"]
    assert packages(modules["c"]) == {"numpy"}


def test_the_first_door_opens_nothing() -> None:
    """Importing the package itself imports none of its rooms but for its version and for types."""
    assert imports(MODULES[""], MODULES) <= {"core.version"}


def test_no_folder_is_a_heap() -> None:
    """A folder that one cannot take in at a glance becomes two."""
    sizes = Counter(module.path.parent for module in MODULES.values() if not module.is_folder)
    assert {folder.name: count for folder, count in sizes.items() if count > FILES_OF_A_FOLDER} == {}


def test_every_module_says_what_it_is() -> None:
    """In words of its own: two modules that say the same are one, or one of them is misnamed."""
    told = Counter(module.says for module in MODULES.values())
    assert told[""] == 0
    assert [says for says, count in told.items() if count > 1] == []


def test_nothing_is_there_for_nobody() -> None:
    """What no other code, page or example speaks of is gone, however well it is tested."""
    spoken = Counter(word for file in _SPEAKING for word in WORD.findall(file.read_text(encoding="utf-8")))
    own = [
        (module.name, node.name)
        for module in MODULES.values()
        if ".migrations" not in module.name
        for node in module.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list
    ]
    assert [(module, name) for module, name in own if spoken[name] < 2 and name not in UNSPOKEN] == []


def test_the_public_names_are_those_that_were_promised() -> None:
    """What others import comes and goes only on purpose, and each name opens what its home defines."""
    assert set(argosy.__all__) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__"}))
def test_a_public_name_is_at_home_where_it_says(name: str) -> None:
    """Its home defines it rather than passing it on, so that a reader who follows it ends up where it is written."""
    body = MODULES[argosy._HOMES[name]].tree.body
    defined = {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert argosy._ORIGINAL.get(name, name) in defined
