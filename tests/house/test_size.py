"""Small files, short functions, telling names."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "scripts", "examples", "benchmarks", "docs")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MIGRATIONS = ROOT / "src" / "argosy" / "store" / "migrations" / "versions"  # lists of tables, one step each
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}


def long_functions(source: str) -> Iterator[str]:
    """The functions of a source that are too long, with their lengths; decorators don't count."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LINES_OF_A_FUNCTION:
                yield f"{node.name} has {length} lines"


def faults(path: Path) -> Iterator[str]:
    """What is wrong with the size and the name of a file."""
    source = path.read_text(encoding="utf-8")
    if (lines := len(source.splitlines())) > LINES_OF_A_FILE:
        yield f"it has {lines} lines"
    if {path.stem, path.parent.name} & NAMES_THAT_SAY_NOTHING:
        yield "its name says nothing"
    if MIGRATIONS not in path.parents:
        yield from long_functions(source)


def test_there_is_something_to_measure() -> None:
    """The other tests here look at the real files."""
    assert ROOT / "src" / "argosy" / "core" / "errors.py" in FILES


def test_each_file_is_short_and_named_for_what_it_does() -> None:
    """A file that outgrows its purpose is cut in two, no file is a drawer, and no function needs scrolling."""
    assert {str(path.relative_to(ROOT)): told for path in FILES if (told := list(faults(path)))} == {}


def test_a_long_function_is_found() -> None:
    """The measure itself works, at its very edge."""
    edge = "def edge():\n" + "    x = 1\n" * (LINES_OF_A_FUNCTION - 1)
    assert list(long_functions(edge)) == []
    assert list(long_functions(edge + "    x = 1\n")) == [f"edge has {LINES_OF_A_FUNCTION + 1} lines"]


def test_a_fault_is_told(tmp_path: Path) -> None:
    """Of a long file, and of a drawer."""
    drawer = tmp_path / "helpers.py"
    drawer.write_text("x = 1\n" * (LINES_OF_A_FILE + 1), encoding="utf-8")
    assert list(faults(drawer)) == [f"it has {LINES_OF_A_FILE + 1} lines", "its name says nothing"]
