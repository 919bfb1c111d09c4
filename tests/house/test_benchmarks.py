"""The house of benchmarks: every claim has a script, a goal and a row, and the pages say what the results say."""

import ast
import importlib
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "benchmarks"
SCRIPTS = sorted(path for path in HOUSE.rglob("*.py"))
RUN = "if __name__ == "


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The modules that no test folder has on its path."""
    monkeypatch.syspath_prepend(str(ROOT))
    return {name: importlib.import_module(f"benchmarks.{name}") for name in ("claim", "claims", "stored", "table")}


def test_every_claim_has_a_script_and_a_goal(house: dict[str, ModuleType]) -> None:
    """Its script tells under its name, its figures have bounds that can be read, and what it measures exists."""
    for name, claim in house["claims"].CLAIMS.items():
        script = HOUSE / f"{claim.script.replace('.', '/')}.py"
        assert script.is_file(), name
        assert f'"{claim.script.rpartition(".")[2]}"' in script.read_text(encoding="utf-8"), name
        assert claim.goals, f"{name} has no goal"
        for figure in claim.goals:
            for bound in filter(None, (figure.goal, figure.stretch)):
                house["claim"].Bound.of(bound)
        assert [place for place in claim.measures if not (ROOT / place).exists()] == [], name


def test_every_script_that_tells_has_a_claim(house: dict[str, ModuleType]) -> None:
    """What prints a result is declared, so that it has a goal and a row; nothing is stored that nobody claims."""
    known = {claim.script.rpartition(".")[2] for claim in house["claims"].CLAIMS.values()}
    told = {
        str(node.args[0].value)
        for path in SCRIPTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "tell"
        and isinstance(node.args[0], ast.Constant)
    }
    assert told == known
    assert {path.stem for path in (HOUSE / "results").glob("*.json")} <= set(house["claims"].CLAIMS)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_page_says_what_the_results_say(house: dict[str, ModuleType], code: str) -> None:
    """It is what would be written now, and each claim has its row."""
    page = house["table"].PAGES[code].read_text(encoding="utf-8")
    assert page == house["table"].render(code), "stale: python -m benchmarks --table"
    for claim in house["claims"].CLAIMS.values():
        assert f"](#bench-{code}-{claim.name.replace('_', '-')})" in page


def test_a_result_has_what_its_claim_names(house: dict[str, ModuleType]) -> None:
    """A figure that a script no longer tells by that name would silently become a dash."""
    missing = {
        (claim.name, figure.at)
        for claim in house["claims"].CLAIMS.values()
        if (result := house["stored"].read(claim.name))
        for figure in claim.figures
        if not figure.found(result)
    }
    assert missing == set()


def test_verdicts_follow_the_bounds(house: dict[str, ModuleType]) -> None:
    """The worst of several is held against the goal, better still is told, and what was not measured is not reached."""
    words = house["claim"].Words("a", "b")
    figure = house["claim"].Figure(what=words, at="rounds/*/ms", unit="ms", goal="<= 10", stretch="<= 5")
    verdict, shown = house["table"].verdict, house["table"].shown
    result = {"rounds": {"one": {"ms": 4.0}, "two": {"ms": 7.5}}}
    assert (verdict(figure, result), shown(figure, result, "en")) == ("held", "7.50\N{NO-BREAK SPACE}ms")
    assert verdict(figure, {"rounds": [{"ms": 4.0}]}) == "stretched"
    assert verdict(figure, {"rounds": [{"ms": 11}]}) == "short"
    assert verdict(figure, None) == verdict(figure, {}) == "unknown"


def test_a_share_is_shown_with_its_interval(house: dict[str, ModuleType]) -> None:
    """From the number of trials, or from the ends that the result has; a difference is told in points."""
    words, shown = house["claim"].Words("a", "b"), house["table"].shown
    share = house["claim"].Figure(what=words, at="same", unit="%", of="texts", goal=">= 0.99")
    assert shown(share, {"same": 0.994, "texts": 1000}, "en") == "99.4 % [98.6, 99.8]"
    gap = house["claim"].Figure(what=words, at="gap", unit="points", goal=">= -0.01")
    assert shown(gap, {"gap": {"difference": 0.0016, "low": -0.0078, "high": 0.0109}}, "zh") == "+0.2 [−0.8, +1.1]"


def test_only_what_is_done_makes_a_result_old(house: dict[str, ModuleType]) -> None:
    """A comment, a docstring or an import that moved measures the same; another constant does not."""
    digest = house["stored"].code_digest
    before = '"""A."""\nfrom here import one\n\nSIZE = 3\n\n\ndef run():\n    """B."""\n    return one(SIZE)\n'
    moved = '"""C."""\nfrom there.far import one\n\nSIZE = 3  # rows\n\n\ndef run():\n    return one(SIZE)\n'
    assert digest(before) == digest(moved)
    assert digest(before) != digest(before.replace("3", "4"))


def test_what_stands_is_not_measured_again(
    house: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A kept result stands until its code, its machine or a version of it changes."""
    stored, claim = house["stored"], house["claims"].CLAIMS["startup"]
    monkeypatch.setattr(stored, "RESULTS", tmp_path)
    assert stored.changed(claim) == "never measured"
    versions = {"argosy": "0.0.1", "numpy": importlib.metadata.version("numpy")}
    stored.keep(claim, {"machine": stored.machine(), "versions": versions, "seconds": 0.1})
    assert stored.changed(claim) == ""
    path = tmp_path / "startup.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    for part, why in (
        ({"versions": {"numpy": "1.0"}}, "numpy 1.0 is now"),
        ({"machine": {**kept["machine"], "cores": 999}}, "another machine"),
        ({"code": "other"}, "the code changed"),
    ):
        path.write_text(json.dumps({**kept, **part}), encoding="utf-8")
        assert why in stored.changed(claim)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_script_names_only_what_exists(path: Path) -> None:
    """Every module of Argosy and of the house that it imports is there, with the name that is taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (place := _module(str(node.module))):
            names = _names(place)
            for one in node.names:
                assert one.name in names or _module(f"{node.module}.{one.name}"), f"{node.module} has no {one.name}"


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.timeout(600)
def test_every_script_can_be_imported() -> None:
    """All of them in one process, with the libraries that they measure."""
    pytest.importorskip("torch")
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in SCRIPTS
        if RUN in path.read_text(encoding="utf-8") and path.stem not in {"serving_litserve", "__main__"}
    ]
    lines = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n"
    done = subprocess.run([sys.executable, "-c", lines, *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_door_lists_and_helps() -> None:
    """``python -m benchmarks --list`` says of every claim what it waits for; an unknown name is told."""
    asked = [sys.executable, "-m", "benchmarks"]
    told = subprocess.run([*asked, "--list", "startup"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout.split()[0] == "startup", told.stderr
    told = subprocess.run([*asked, "nothing"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, "no claim has the name nothing" in told.stderr) == (1, True)


def _module(name: str) -> Path | None:
    """The file of one of our modules; none for others and for names inside a module."""
    first, _, rest = name.partition(".")
    base = {"argosy": ROOT / "src" / "argosy", "benchmarks": HOUSE}.get(first)
    if base is None:
        return None
    place = base / rest.replace(".", "/") if rest else base
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def _names(path: Path) -> set[str]:
    """What a module binds at its top."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {(one.asname or one.name).split(".")[0] for one in names}
            case _:
                pass
    return found
