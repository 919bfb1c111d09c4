"""Stage *calibrate*: chances that mean what they say, and thresholds that keep the promise, on validation questions.

A question whose answer is taken out of the knowledge stands for one that has no answer here: answers are taken out in
groups, and the model of intents is one that was fitted without the group, so that nothing knows them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from argosy.assist.answering.candidates import Candidate, candidates
from argosy.assist.answering.rules import Rules
from argosy.assist.guarantee.judge import Judge, Signs, fit_judge
from argosy.assist.guarantee.thresholds import fit
from argosy.assist.retrieval.current import Finding
from argosy.assist.retrieval.fusion import Fusion, unfitted
from argosy.assist.retrieval.retriever import Retriever
from argosy.assist.retrieval.retriever import fit as fit_retriever
from argosy.assist.retrieval.snapshot import Snapshot, build
from argosy.assist.understanding.intents import open_intents
from argosy.assist.understanding.understanding import Understanding
from argosy.config.schema import Project
from argosy.core.engine import Reranker
from argosy.core.errors import DataError
from argosy.core.records import Message
from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.site import Site
from argosy.stages.support import split, understand
from argosy.stages.support.lines import Row
from argosy.stages.support.parts import Opened, open_encoder, open_reread

FILE = "calibration.json"
_MOST = 1_500  # validation questions that are asked
_APART = 400  # questions from which chances and thresholds are fitted on halves of their own
_LOOKED = 10  # candidates of a question
Judged = tuple[tuple[Signs, bool], ...]
"""The candidates of a question, best first, and whether each is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What was promised, and the seed of what is drawn."""

    max_wrong: float
    confidence: float
    out_of_scope: float
    approved_only: bool
    language: Literal["en", "zh"] | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """How entries are found and when they are answered with."""

    fusion: Fusion
    reread: Fusion | None
    rules: Rules

    def finding(self, encoder: Opened | None, reranker: Reranker | None) -> Finding:
        """With the parts that find."""
        return Finding(
            fusion=self.fusion,
            encoder=encoder.encoder if encoder else None,
            reranker=reranker,
            reread=self.reread,
        )


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    wish = project.support
    params = Params(
        max_wrong=wish.max_wrong,
        confidence=wish.confidence,
        out_of_scope=wish.out_of_scope,
        approved_only=wish.approved_only,
        language=wish.language,
        seed=project.seed,
    )
    inputs = ("split", "encoder", "reranker", "intents")
    packages = ("numpy", "scipy", "onnxruntime", "rjieba", "opencc")
    return Stage(name="calibrate", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit how entries are found on one half of the validation questions; the chances and thresholds on the other."""
    encoder, reranker = open_encoder(inputs["encoder"]), open_reread(inputs["reranker"])
    entries = split.entries(inputs["split"])
    asked = drawn(split.rows(inputs["split"], "validation"), _MOST)
    snapshot = build(entries, encoder=encoder.encoder if encoder else None)
    apart = len(asked) >= _APART
    first, second = (asked[::2], asked[1::2]) if apart else (asked, asked)
    fusion, reread = _fused(snapshot, first, reranker)
    tell(0.2, "")
    work = _Work(inputs["intents"], snapshot, Finding(fusion=fusion, reranker=reranker, reread=reread), encoder)
    known = {entry.id for entry in entries}
    here = list(work.judged(snapshot, [row for row in second if row.answer in known]))
    tell(0.5, "")
    elsewhere = [judged for group in range(understand.GROUPS) for judged in work.foreign(group, second)]
    judge = fit_judge([judged[0] for judged in (*here, *elsewhere) if judged])
    thresholds = fit(
        [best(judge, judged) for judged in here],
        [best(judge, judged)[0] for judged in elsewhere],
        max_wrong=params.max_wrong,
        confidence=params.confidence,
        out_of_scope=params.out_of_scope,
    )
    rules = Rules(
        thresholds=thresholds,
        judge=judge,
        share=params.out_of_scope,
        approved_only=params.approved_only,
        language=params.language,
    )
    told = {
        "fusion": fusion.to_json(),
        "reread": reread.to_json() if reread else None,
        "rules": rules.to_json(),
        "apart": apart,
        "here": len(here),
        "elsewhere": len(elsewhere),
    }
    (out / FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")


def facts(folder: Path) -> dict[str, Any]:
    """What ``run`` stored."""
    return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))


def load(folder: Path) -> Calibrated:
    """The same, to be used."""
    told = facts(folder)
    return Calibrated(
        fusion=Fusion.from_json(told["fusion"]),
        reread=Fusion.from_json(told["reread"]) if told["reread"] else None,
        rules=Rules.from_json(told["rules"]),
    )


def drawn(rows: Sequence[Row], most: int) -> list[Row]:
    """So many rows, drawn by the digests of their questions, each question once."""
    once = {row.question: row for row in rows}.values()
    return sorted(once, key=lambda row: sha256(row.question.encode("utf-8", "surrogatepass")).hexdigest())[:most]


def best(judge: Judge, judged: Judged) -> tuple[float, bool]:
    """The chance of the likeliest candidate, and whether it is right; never, where there is none."""
    chances = [(judge.chance(signs), right) for signs, right in judged]
    return max(chances, key=lambda one: one[0], default=(0.0, False))


@dataclass(frozen=True, slots=True)
class _Work:
    """What asks questions of a state of the knowledge."""

    intents: Path
    snapshot: Snapshot
    finding: Finding
    encoder: Opened | None

    def judged(self, snapshot: Snapshot, asked: Sequence[Row], group: int | None = None) -> Iterator[Judged]:
        """The candidates for each question as the assistant would see them, but for what never knew a ``group``."""
        folder = understand.folder(self.intents, group)
        intents = open_intents(folder, self.encoder.questions if self.encoder else None) if folder else None
        retriever, understanding = self.finding.over(snapshot), Understanding(intents=intents.read if intents else None)
        for row in asked:
            found = _candidates(retriever, understanding, row.question)
            yield tuple((one.signs, one.entry.id == row.answer) for one in found)

    def foreign(self, group: int, asked: Sequence[Row]) -> Iterator[Judged]:
        """The same of the questions of a group of answers, none of which is known."""
        kept = [one for one in self.snapshot.entries if one.kind == "piece" or understand.group_of(one.id) != group]
        snapshot = build(kept, encoder=self.snapshot.encoder, before=self.snapshot)
        return self.judged(snapshot, [row for row in asked if understand.group_of(row.answer) == group], group)


def _candidates(retriever: Retriever, understanding: Understanding, question: str) -> Sequence[Candidate]:
    understood = understanding.understand([Message(role="user", content=question)])
    if not understood.questions:
        return ()
    return candidates(Judge(), retriever, understood, 0, understood.questions[0], _LOOKED)


def _fused(snapshot: Snapshot, asked: Sequence[Row], reranker: Reranker | None) -> tuple[Fusion, Fusion | None]:
    """The fusion fitted on questions; as it stands where they tell nothing."""
    try:
        return fit_retriever(snapshot, [(row.question, {row.answer}) for row in asked], reranker)
    except DataError:  # nothing right, or nothing wrong, was found for them
        return unfitted(vectors=snapshot.encoder is not None), None
