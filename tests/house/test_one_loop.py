"""There is one loop: nothing else in the package makes an optimiser take a step, and no weights are pickled."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "argosy"
LOOP = "train/loop.py"
OF_OPTIMISERS = {"optimiser", "optimizer", "opt"}


def _calls() -> Iterator[tuple[str, str, str]]:
    """(file, what the method is called on, method) of every call of a method in the package."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value).rpartition(".")[2]
                yield path.relative_to(SOURCE).as_posix(), owner, node.func.attr


def test_one_file_takes_the_steps() -> None:
    """Every method of training goes through the loop, so resume, limits and refusals hold for all of them."""
    steps = {file for file, owner, method in _calls() if method == "step" and owner in OF_OPTIMISERS}
    assert steps == {LOOP}


def test_weights_are_never_pickled() -> None:
    """What torch.save writes can run code when it is read; safetensors and JSON cannot."""
    assert not [(file, method) for file, owner, method in _calls() if owner == "torch" and method in {"save", "load"}]
