"""Where a running training keeps its checkpoints: beside the artifacts, so that they outlive a killed run.

A stage's own folder is thrown away when its process ends early; what is kept here lets the same stage go on.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy import __version__
from argosy.core.artifact import machine_error
from argosy.project.plan import counted
from argosy.project.source import digest_code

_PLACE = "training"  # beside the store


def place(store: Path, params: Any, inputs: Mapping[str, Path]) -> Path:
    """The folder for the checkpoints of one training: the same for the same params, inputs and code, made if need be.

    ``store`` holds the artifacts (the parent of a stage's ``out``), ``params`` are the stage's, ``inputs`` its
    artifacts by name. Raises MachineError where the folder cannot be made.
    """
    parts = {
        "params": counted(params),
        "inputs": {name: path.name for name, path in sorted(inputs.items())},
        "code": digest_code(type(params).__module__),
        "argosy": __version__,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    folder = store.parent / _PLACE / digest[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise machine_error(error, folder) from error
    return folder


def sweep(store: Path) -> None:
    """Remove the checkpoints of every training; call it while holding the project, once what was trained stands."""
    shutil.rmtree(store.parent / _PLACE, ignore_errors=True)
