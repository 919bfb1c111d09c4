"""Stage *evaluate* of an assistant: the test questions are opened, once; the packed folder answers them.

Which entry is right is told by what a person answered then. Found entries are held against those of words alone, what
is answered against the promise, rewordings of a question against each other, and HTTP against the assistant itself.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from argosy.assist.folder import open_assistant
from argosy.assist.retrieval.fusion import unfitted
from argosy.assist.retrieval.retriever import Retriever
from argosy.assist.retrieval.snapshot import build
from argosy.config.schema import Project
from argosy.core.errors import GateError
from argosy.core.knowledge import Entry, Retrieval
from argosy.core.records import Message
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.core.support import Assistant, Reply
from argosy.data.perturb import perturb
from argosy.evaluate.intervals import Interval, wilson
from argosy.evaluate.metrics import Floats
from argosy.evaluate.tasks.measure import Sheet, measure, measure_slices, plain
from argosy.report.support_verdict import ASSISTANT, WORDS
from argosy.stages.classify import over_http
from argosy.stages.site import Serving, Site
from argosy.stages.support import calibrate, read, split
from argosy.stages.support.lines import Row
from argosy.stages.support.parts import open_encoder, open_reread

FIGURES = "figures.json"
_MOST = 2_000  # test questions that are asked
_RANKED = 50  # entries of a question whose order is measured
_GROUPS = 100  # questions that are reworded
_REWORDED = ("typo", "lower", "spaces_inserted", "punctuation_removed")  # capitals throughout would be anger
_OVER_HTTP = 25
_POINTS = 40  # of the curve
_ANSWERED = ("stored", "composed")
_COURTEOUS = {"en": "Hello, {question} Thank you.", "zh": "你好，{question}谢谢。"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The seed of what is drawn, and how a model is served."""

    seed: int
    serving: Serving = field(metadata=UNKEYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A test question with the reply to it; ``known`` says that its answer is here."""

    row: Row
    reply: Reply
    known: bool
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether the assistant answered by itself."""
        return self.reply.decision in _ANSWERED

    @property
    def right(self) -> bool:
        """Whether what it answers with, or would, is what the person answered and nothing else."""
        return self.reply.entries == (self.row.answer,)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(seed=project.seed, serving=site.serving)
    packages = ("numpy", "scipy", "onnxruntime", "fastapi", "uvicorn")
    inputs = ("read", "split", "encoder", "reranker", "calibrate", "pack")
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Ask every test question; raises GateError where a citation or HTTP says otherwise than the assistant."""
    entries = split.entries(inputs["split"])
    rows = calibrate.drawn(split.rows(inputs["split"], "test"), _MOST)
    assistant = open_assistant(inputs["pack"]).assistant
    known = {entry.id for entry in entries}
    judged = [_judged(assistant, row, row.answer in known) for row in rows]
    tell(0.5, "")
    figures = {
        **_found(params, inputs, entries, [row for row in rows if row.answer in known]),
        "guarantee": _guarantee(inputs["calibrate"], judged),
        "selective": _selective(inputs["calibrate"], judged),
        "decisions": dict(Counter(one.reply.decision for one in judged).most_common()),
        "cited": {"sentences": _cited(judged, _texts(inputs, entries))},
    }
    tell(0.8, "")
    figures["consistency"] = _consistency(params, assistant, rows)
    figures["parity"] = _parity(params, inputs["pack"], assistant, rows)
    figures["engines"] = {ASSISTANT: _speed(judged, inputs["pack"]), **figures.pop("speeds")}
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def figures(folder: Path) -> dict[str, Any]:
    """What ``run`` measured."""
    return dict(json.loads((folder / FIGURES).read_text(encoding="utf-8")))


def _judged(assistant: Assistant, row: Row, known: bool) -> Judged:  # noqa: FBT001 - a field of the row
    begun = time.perf_counter()
    reply = assistant.reply([Message(role="user", content=row.question)])
    return Judged(row=row, reply=reply, known=known, seconds=time.perf_counter() - begun)


def _found(params: Params, inputs: Inputs, entries: Sequence[Entry], rows: Sequence[Row]) -> dict[str, Any]:
    """How high the right entry stands among those found, by words alone and by all parts."""
    encoder, reranker = open_encoder(inputs["encoder"]), open_reread(inputs["reranker"])
    finding = calibrate.load(inputs["calibrate"]).finding(encoder, reranker)
    ways: Mapping[str, Retrieval] = {
        WORDS: Retriever(snapshot=build(entries), fusion=unfitted()),
        ASSISTANT: finding.over(build(entries, encoder=finding.encoder)),
    }
    if not rows:
        return _NOTHING
    places = {entry.id: place for place, entry in enumerate(entries)}
    truth = [_graded(places, row.answer) for row in rows]
    scored, speeds = {}, {}
    for name, way in ways.items():
        begun = time.perf_counter()
        scored[name] = [_scores(places, way, row.question) for row in rows]
        speeds[name] = {"texts_per_s": len(rows) / (time.perf_counter() - begun), "size_mb": None}
    sheets = measure("retrieval", truth, scored, best=WORDS, seed=params.seed)
    spoken = np.array([row.language for row in rows])
    masks = {str(one): spoken == one for one in np.unique(spoken)}
    parts = measure_slices("retrieval", truth, scored, masks, best=WORDS, seed=params.seed)
    versus = sheets[ASSISTANT].figures["mrr"].versus if "mrr" in sheets[ASSISTANT].figures else None
    return {
        **_shape(sheets),
        "detectable": dict(sheets[ASSISTANT].detectable),
        "versus_best_baseline": {"metric": "mrr", "rung": ASSISTANT, **asdict(versus)} if versus else None,
        "slices": {name: {"rows": some[ASSISTANT].units, **_shape(some)} for name, some in parts.items()},
        "asked": len(rows),
        "speeds": {name: speed for name, speed in speeds.items() if name != ASSISTANT},
    }


_NOTHING: dict[str, Any] = {
    "metrics": {},
    "baselines": {WORDS: {}, ASSISTANT: {}},
    "slices": {},
    "detectable": {},
    "versus_best_baseline": None,
    "asked": 0,
    "speeds": {WORDS: {"texts_per_s": None, "size_mb": None}},
}
"""Where no test question has an answer here."""
_METRICS = ("mrr", "hit@1", "hit@5")


def _shape(sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    """The assistant's figures, and every candidate's."""
    told = {
        name: {metric: one for metric, one in plain(sheet).items() if metric in _METRICS}
        for name, sheet in sheets.items()
    }
    return {"metrics": told[ASSISTANT], "baselines": told}


def _graded(places: Mapping[str, int], answer: str) -> Floats:
    grades = np.zeros(len(places))
    grades[places[answer]] = 1
    return grades


def _scores(places: Mapping[str, int], way: Retrieval, question: str) -> Floats:
    """A score of each entry by what stands before what: 0 for those that are not found."""
    scores = np.zeros(len(places))
    for rank, one in enumerate(way.find(question, _RANKED)):
        scores[places[one.entry.id]] = 1 / (1 + rank)
    return scores


def _guarantee(calibrated: Path, judged: Sequence[Judged]) -> dict[str, Any]:
    """What was promised, and what became of it on the test questions."""
    rules, told = calibrate.load(calibrated).rules, calibrate.facts(calibrated)
    answered = [one for one in judged if one.answered]
    step = rules.thresholds.at(rules.share)
    return {
        "max_wrong": rules.thresholds.max_wrong,
        "confidence": rules.thresholds.confidence,
        "out_of_scope": rules.share,
        "threshold": rules.thresholds.threshold(rules.share),
        "supported": step.supported if step else 1.0,
        "rows": told["here"] + told["elsewhere"],
        "apart": told["apart"],
        "answered": _share(len(answered), len(judged)),
        "wrong": _share(sum(not one.right for one in answered), len(answered)),
        "unknown": sum(not one.known for one in judged),
        "unknown_answered": sum(one.answered for one in judged if not one.known),
    }


def _selective(calibrated: Path, judged: Sequence[Judged]) -> dict[str, Any]:
    """The share of wrong answers over the share answered, surest first."""
    rules = calibrate.load(calibrated).rules
    order = sorted(judged, key=lambda one: -one.reply.chance)
    wrong = np.cumsum([not one.right for one in order])
    counts: Any = np.unique(np.ceil(np.linspace(1 / _POINTS, 1, _POINTS) * len(order)).astype(int)) if order else []
    curve = [{"coverage": int(n) / len(order), "error": asdict(wilson(int(wrong[n - 1]), int(n)))} for n in counts]
    known = _guarantee(calibrated, judged)
    return {
        "error": rules.thresholds.max_wrong,
        "threshold": known["threshold"],
        "supported": known["supported"],
        "coverage": known["answered"],
        "observed": known["wrong"],
        "curve": curve,
        "test": {"coverage": known["answered"], "error": known["wrong"]} if known["answered"] else None,
    }


def _texts(inputs: Inputs, entries: Sequence[Entry]) -> dict[str, str]:
    """The text of every document, stored answers among them."""
    stored = {entry.document: entry.text for entry in entries if entry.kind == "answer"}
    return {**stored, **{document.name: document.text for document in read.documents(inputs["read"])}}


def _cited(judged: Sequence[Judged], texts: Mapping[str, str]) -> int:
    """The composed sentences; raises GateError for one that does not stand at its place in the source."""
    count = 0
    for one in judged:
        for cited in one.reply.citations if one.reply.decision == "composed" else ():
            said, source = one.reply.text[cited.begin : cited.stop], texts[cited.document][cited.start : cited.end]
            if said != source:
                raise GateError(
                    "The answer says {said!r}, and its source {source!r}.",
                    where=cited.document,
                    mend="This should not happen; please report it with the question: {question!r}",
                    said=said,
                    source=source,
                    question=one.row.question,
                )
            count += 1
    return count


def _consistency(params: Params, assistant: Assistant, rows: Sequence[Row]) -> dict[str, Any]:
    """Questions reworded by ``_REWORDED`` and courteously: no two different answers, and strictly one or none."""
    asked = rows[:_GROUPS]
    alike = strictly = 0
    for row in asked:
        replies = _replies(assistant, row, params.seed)
        said = {reply.entries if reply.decision in _ANSWERED else () for reply in replies}
        strictly += len(said) == 1
        alike += len(said - {()}) <= 1
    return {
        "share": _share(alike, len(asked)),
        "strict": _share(strictly, len(asked)),
        "groups": len(asked),
        "rewordings": len(_REWORDED) + 1,
    }


def _replies(assistant: Assistant, row: Row, seed: int) -> Iterator[Reply]:
    courteous = _COURTEOUS[row.language if row.language in _COURTEOUS else "en"]
    variants = [text for name in _REWORDED for text in perturb(name, [row.question], seed=seed)]
    for text in (row.question, *variants, courteous.format(question=row.question)):
        yield assistant.reply([Message(role="user", content=text)])


def _parity(params: Params, model: Path, assistant: Assistant, rows: Sequence[Row]) -> dict[str, Any]:
    """How many answers over HTTP were compared; raises GateError where one is another than the assistant's own."""
    asked = rows[:_OVER_HTTP]
    with params.serving(model) as address:
        for row in asked:
            body = {"messages": [{"role": "user", "content": row.question}]}
            told = over_http.post(address, "/v1/chat/completions", body)["support"]
            own = json.loads(json.dumps(assistant.reply([Message(role="user", content=row.question)]).to_json()))
            if told != own:
                raise GateError(
                    "Over HTTP the assistant answers {question!r} with {told!r}, by itself with {own!r}.",
                    where=str(model),
                    mend="Build again; if it stays so, please report it.",
                    question=row.question,
                    told=told["text"],
                    own=own["text"],
                )
    return {"texts": len(asked)}


def _speed(judged: Sequence[Judged], model: Path) -> dict[str, Any]:
    """Milliseconds a reply, one at a time, and the size on disk."""
    taken = np.array([one.seconds for one in judged]) * 1000 if judged else np.zeros(1)
    return {
        "p50_ms": float(np.quantile(taken, 0.5)),
        "p99_ms": float(np.quantile(taken, 0.99)),
        "texts_per_s": float(1000 / taken.mean()) if judged else None,
        "size_mb": round(sum(file.stat().st_size for file in model.rglob("*") if file.is_file()) / 1e6, 1),
    }


def _share(some: int, all_: int) -> dict[str, float] | None:
    """A share with its interval; None of nothing."""
    if not all_:
        return None
    found: Interval = wilson(some, all_)
    return asdict(found)
