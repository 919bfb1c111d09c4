"""The record of a build: everything that was measured, behind the table, the page, ``--json`` and the cards."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.core.stage import Inputs
from argosy.core.version import __version__
from argosy.infer.processor import machine

FILE = "results.json"


def write(out: Path, params: Any, inputs: Inputs, data: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Write the record to ``out``: what the stage's ``params`` repeat of the project, the ``data``, the ``figures``.

    With it stand the version, the machine, and the artifact of every stage in ``inputs``.
    """
    of_project = asdict(params)
    licence = of_project.pop("licence")
    record = {
        "argosy": __version__,
        **of_project,
        "machine": machine(),
        "data": {**data, "licence": licence},
        **figures,
        "lineage": {name: path.name for name, path in sorted(inputs.items())},
    }
    (out / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, Any]:
    """The record that ``write`` wrote."""
    return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
