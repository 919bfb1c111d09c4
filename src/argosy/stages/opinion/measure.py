"""Stage *measure* of a monitor: what is known of the errors of its models, by language, and of whom it names.

Nothing is measured anew: the rows are the test rows of the models' own projects, opened when these were built.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.opinion import SENTIMENTS
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.language import detect
from argosy.evaluate.intervals import wilson
from argosy.opinion.counting.errors import FEW, Errors
from argosy.opinion.sarcasm import sarcastic
from argosy.stages.opinion import parts, validated
from argosy.stages.site import Site

FIGURES = "figures.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The languages, and the labelled table that tells how right the sentiment about entities is."""

    languages: tuple[str, ...]
    entities: dict[str, Any]
    validated: Path | None = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    table = project.opinion.validated
    path = site.folder / table if table else None
    params = Params(
        languages=tuple(project.languages),
        entities={name: one.model_dump() for name, one in project.opinion.entities.items()},
        validated=path,
    )
    return Stage(
        name="measure",
        params=params,
        run=run,
        inputs=("parts",),
        files={"validated": path} if path else {},
        packages=("scipy",),
        code=(validated.__name__, "argosy.opinion.sarcasm"),
        machine=True,
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Count what was said of what is true, by language, and of texts that may be sarcastic."""
    rows = parts.predictions(inputs["parts"], parts.SENTIMENT)
    languages = detect([text for text, _, _ in rows], params.languages)
    figures = {
        "sentiment": {
            language: _errors([row for row, one in zip(rows, languages, strict=True) if one == language])
            for language in params.languages
        },
        "errors": Errors.of(
            [(language, true, said) for (_, true, said), language in zip(rows, languages, strict=True)]
        ).to_json(),
        "sarcasm": {
            name: _share([(true, said) for text, true, said in rows if sarcastic(text) == marked])
            for name, marked in (("marked", True), ("others", False))
        },
        "entities": validated.measure(params.validated, params.entities, inputs["parts"], params.languages),
    }
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What ``run`` wrote."""
    return dict(json.loads((folder / FIGURES).read_text(encoding="utf-8")))


def _errors(rows: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Of a language: the share that is right, of all and by true label, and the labels of which that is known."""
    totals = Counter(true for _, true, _ in rows)
    return {
        "rows": len(rows),
        "accuracy": _share([(true, said) for _, true, said in rows]),
        "recall": {one: _share([(true, said) for _, true, said in rows if true == one]) for one in SENTIMENTS},
        "validated": [one for one in SENTIMENTS if totals[one] >= FEW],
    }


def _share(pairs: Sequence[tuple[str, str]]) -> dict[str, Any] | None:
    """How many are right, with an interval; None of none."""
    if not pairs:
        return None
    return {**asdict(wilson(sum(true == said for true, said in pairs), len(pairs))), "rows": len(pairs)}
