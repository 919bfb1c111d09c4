"""Stage *report* of an assistant: one record of everything that was measured, shaped as every project's."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.report.support_verdict import ASSISTANT, KIND, WORDS
from argosy.stages import origin, results
from argosy.stages.site import Site
from argosy.stages.support import encoder, evaluate, mine, read, reranker, split, understand


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats."""

    name: str
    task: str
    size: str
    languages: tuple[str, ...]
    seed: int
    licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        name=project.name,
        task=project.task,
        size=project.size,
        languages=tuple(project.languages),
        seed=project.seed,
        licence=project.data.licence,
    )
    inputs = ("read", "mine", "split", "base", "encoder", "reranker", "intents", "calibrate", "evaluate")
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    began, known = origin.read(inputs["base"]), split.facts(inputs["split"])
    measured = {
        "kind": KIND,
        **({"base": began} if began else {}),
        "choice": {
            "served": ASSISTANT,
            "engine": ASSISTANT,
            "reason": "assistant",
            "metric": "mrr",
            "lower": False,
            "margin": 0.0,
            "difference": None,
            "best_baseline": WORDS,
        },
        **evaluate.figures(inputs["evaluate"]),
        "encoder": encoder.facts(inputs["encoder"]),
        "reranker": reranker.facts(inputs["reranker"]),
        "intents": understand.facts(inputs["intents"]),
        "rungs": [
            {"name": WORDS, "seconds": None},
            {"name": ASSISTANT, "seconds": _seconds(inputs)},
        ],
        "later": known["answers"] - known["known"],
    }
    results.write(out, params, inputs, data_figures(dict(inputs)), measured)


def data_figures(inputs: dict[str, Path]) -> dict[str, Any]:
    """Questions read, those with a person's answer, the others and why not, and how they were shared out."""
    known = split.facts(inputs["split"])
    found = json.loads((inputs["read"] / read.FACTS).read_text(encoding="utf-8"))
    mined = mine.load(inputs["mine"])
    dropped = {reason: count for reason, count in known["left_out"].items() if count}
    return {
        "read": len(mined.pairs) + sum(dropped.values()),
        "kept": len(mined.pairs),
        "dropped": dropped,
        "turns": found["turns"],
        "turns_left_out": found["left_out"],
        "dialogues": found["dialogues"],
        "splits": known["rows"],
        "labels": {},
        "redacted": found["redacted"],
        "documents": found["documents"],
        **{name: known[name] for name in ("answers", "known", "pieces", "conflicts", "expired", "timed")},
    }


def _seconds(inputs: Inputs) -> float | None:
    """How long the encoder and the reranker learnt."""
    told = [encoder.facts(inputs["encoder"]).get("seconds"), reranker.facts(inputs["reranker"]).get("seconds")]
    return sum(one for one in told if one) or None
