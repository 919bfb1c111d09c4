"""Where a running training keeps its checkpoints: beside the artifacts, so that they outlive a killed run.

A stage's own folder is thrown away when its process ends early; what is kept here lets the same stage go on.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.places import TRAINING
from argosy.core.artifact import machine_error
from argosy.core.extension import owners
from argosy.core.source import digest_code
from argosy.core.stage import counted, names
from argosy.core.version import __version__


def place(store: Path, params: Any, inputs: Mapping[str, Path], kind: str = TRAINING) -> Path:
    """The folder for what one stage keeps on its way: the same for the same params, inputs and code, made if need be.

    ``store`` holds the artifacts (the parent of a stage's ``out``), ``params`` are the stage's, ``inputs`` its
    artifacts by name, ``kind`` the place of all such folders. Raises MachineError where the folder cannot be made.
    """
    parts = {
        "params": counted(params),
        "inputs": {name: path.name for name, path in sorted(inputs.items())},
        "code": digest_code(type(params).__module__, *owners(names(params))),
        "argosy": __version__,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    folder = store.parent / Path(kind).name / digest[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise machine_error(error, folder) from error
    return folder


def sweep(store: Path) -> None:
    """Remove the checkpoints of every training; call it while holding the project, once what was trained stands."""
    shutil.rmtree(store.parent / Path(TRAINING).name, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Journal:
    """What a training tells on its way, a JSON object a line, so that one that goes on knows what was told before.

    What a training that went back to its last checkpoint tells again takes the place of what it told first.
    """

    path: Path

    def write(self, kind: str, step: int, **told: float) -> None:
        """Add a line, on one of its own whatever stands before it."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"kind": kind, "step": step, **told}))

    def read(self, kind: str, last: int) -> list[dict[str, float]]:
        """The lines of a kind up to the step ``last``, in the order of the steps; one that was cut does not count."""
        lines = self.path.read_text(encoding="utf-8").split("\n") if self.path.is_file() else []
        told = [one for one in map(json.loads, filter(_whole, lines)) if one["kind"] == kind and one["step"] <= last]
        return [found for _, found in sorted({one["step"]: one for one in told}.items())]


def _whole(line: str) -> bool:
    """Whether a line was written to its end."""
    return line.endswith("}")
