"""One fine-tuning of a classifier: in this process, or in several that share every batch.

Its folder holds all that it needs to go on after it was killed, and what it tells once it is done: ``outcome.json`` is
written last, so a training that has one is not run again.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from argosy.core import errors
from argosy.core.artifact import write_atomically
from argosy.core.errors import ArgosyError, MachineError, ProjectError
from argosy.core.extension import open_extensions, opened
from argosy.core.stage import Tell
from argosy.evaluate.intervals import Interval, interval
from argosy.evaluate.metrics import Floats, Integers
from argosy.stages.classify.together import end_with_parent, launch
from argosy.stages.training import Journal
from argosy.train.curve import Log, Record, ScoreRecord
from argosy.train.recipe import Outcome, Recipe

if TYPE_CHECKING:
    from argosy.train.checkpoints import Checkpoints

MODEL = "model"
_OUTCOME, _JOURNAL, _JOB, _FAILED = "outcome.json", "journal.jsonl", "job.json", "failed.json"
_CHECKPOINTS, _SAID = "checkpoints", "said-{step}.npy"
_SCORE = "score"
_WIDTH = 384  # of a base that does not say
_SECONDS = 120  # between two checkpoints, those before evaluations aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is trained: ``rows`` (train, validation and, where it learns on, old) as pairs of text and label.

    ``threads`` None leaves their number as it is, 0 lets a short trial choose; ``log`` names sinks of the curve, which
    keep what they need in ``curves``.
    """

    folder: Path
    base: Path
    curves: Path
    labels: Sequence[str]
    rows: Mapping[str, Sequence[tuple[str, str]]]
    recipe: Recipe
    metric: str
    processes: int = 1
    threads: int | None = None
    inexact: bool = False
    log: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """What another process makes the same job from."""
        return json.loads(json.dumps(asdict(self), default=str))  # type: ignore[no-any-return]  # a dictionary


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One training that is done: what came of it, the figure of each evaluation by step, and what the best one said.

    ``said`` are the probabilities [validation rows, labels].
    """

    folder: Path
    outcome: Outcome
    figures: Mapping[int, Interval]
    said: Floats

    @property
    def best(self) -> Interval:
        """The figure of the evaluation that was kept."""
        return self.figures[self.outcome.best_step]


def finetune(job: Job, tell: Tell) -> Trained:
    """Train where that is not done yet, going on from the last checkpoint where there is one."""
    if not (job.folder / _OUTCOME).is_file():
        job.folder.mkdir(parents=True, exist_ok=True)
        if job.processes > 1:
            _together(job)
        else:
            _train(job, tell)
    return _done(job.folder)


def _done(folder: Path) -> Trained:
    told = json.loads((folder / _OUTCOME).read_text(encoding="utf-8"))
    outcome = Outcome(**{**told, "history": tuple((loss, score) for loss, score in told["history"])})
    scores = Journal(folder / _JOURNAL).read(_SCORE, sys.maxsize)
    names = [one.name for one in fields(Interval)]
    figures = {int(score["step"]): Interval(**{name: score[name] for name in names}) for score in scores}
    said = np.load(folder / _SAID.format(step=outcome.best_step))
    return Trained(folder=folder, outcome=outcome, figures=figures, said=said)


def _train(job: Job, tell: Tell) -> None:
    """Train in this process, which may be one of several."""
    import torch  # an install that only serves does not have it

    from argosy.train import parallel
    from argosy.train.checkpoints import Checkpoints
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.classify import Classify
    from argosy.train.sinks import together

    journal, seen = Journal(job.folder / _JOURNAL), _Seen(job)
    keep = Checkpoints(job.folder / _CHECKPOINTS, seconds=_SECONDS, inexact=job.inexact)

    def note(record: Record) -> None:
        if isinstance(record, ScoreRecord):
            np.save(job.folder / _SAID.format(step=record.step), seen.said)
            journal.write(_SCORE, record.step, loss=record.loss, **asdict(seen.figure))

    before = torch.get_num_threads()
    if parallel.world() == 1:
        torch.set_num_threads(_threads(job, before, keep))
    try:
        with ExitStack() as stack:
            sinks = [stack.enter_context(_SINKS[name](job)) for name in job.log if parallel.rank() == 0]
            log = stack.enter_context(together(note, *sinks))
            watch = Watch(score=seen.score, tell=tell, keep=keep, log=log)
            aim = Classify(labels=tuple(job.labels))
            outcome = fit(aim, job.base, job.rows, job.folder / MODEL, job.recipe, watch)
    finally:
        torch.set_num_threads(before)
    if parallel.rank() == 0:
        write_atomically(job.folder / _OUTCOME, json.dumps(asdict(outcome), ensure_ascii=False, indent=1))


def _threads(job: Job, most: int, keep: "Checkpoints") -> int:
    """What the job says, ``most`` where it says nothing, else what a short trial of the base's shape finds fastest."""
    from argosy.train.threads import Shape, choose

    if job.threads != 0:
        return job.threads or most
    config = json.loads((job.base / "config.json").read_text(encoding="utf-8"))
    width = int(config.get("hidden_size") or config.get("dim") or _WIDTH)
    inner = int(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    tokens = job.recipe.batch_size * job.recipe.max_length // 2
    shape = Shape(tokens=tokens, width=width, inner=inner, bf16=job.recipe.bf16)
    return keep.once("threads", lambda: choose(shape, cores=most))


def _tensorboard(job: Job) -> AbstractContextManager[Log]:
    from argosy.train import sinks

    return sinks.tensorboard(job.curves)


def _mlflow(job: Job) -> AbstractContextManager[Log]:
    from argosy.train import sinks

    store = os.environ.get("MLFLOW_TRACKING_URI")
    if not store:
        raise ProjectError(
            "[train] log names MLflow, and nothing says where its store is.",
            mend="Set the variable MLFLOW_TRACKING_URI, such as http://127.0.0.1:5000 or sqlite:///mlflow.db.",
        )
    return sinks.mlflow(store, " ".join(job.curves.parts[-3:]), job.curves)


_SINKS = {"tensorboard": _tensorboard, "mlflow": _mlflow}


class _Seen:
    """The last evaluation: its figure with the interval, and what was said."""

    figure: Interval
    said: Floats

    def __init__(self, job: Job) -> None:
        self._job = job

    def score(self, truth: Integers, said: Floats) -> float:
        """The figure that chooses the evaluation."""
        job, self.said = self._job, said
        self.figure = interval(job.metric, truth, said.argmax(axis=1), len(job.labels), seed=job.recipe.seed)
        return self.figure.value


def _together(job: Job) -> None:
    """Train by several processes; what one of them raises is raised here."""
    (job.folder / _FAILED).unlink(missing_ok=True)
    told = {**job.to_json(), "extensions": list(opened())}
    write_atomically(job.folder / _JOB, json.dumps(told, ensure_ascii=False))
    threads = job.threads or max(1, len(psutil.Process().cpu_affinity() or [0]) // job.processes)
    code = launch(__name__, str(job.folder / _JOB), processes=job.processes, threads=threads)
    if (job.folder / _FAILED).is_file():
        failed = json.loads((job.folder / _FAILED).read_text(encoding="utf-8"))
        kind: type[ArgosyError] = getattr(errors, failed["kind"])
        raise kind.from_json(failed["error"])
    if code:
        raise MachineError(
            "A process that trains together with others ended with code {code}.",
            mend="Run the same command again: it goes on from the last checkpoint; or set [train] processes = 1.",
            code=code,
        )


def main(path: Path) -> None:
    """Be one of the processes that work together on the job in a file."""
    from argosy.train import parallel

    end_with_parent()
    told = json.loads(path.read_text(encoding="utf-8"))
    open_extensions(told.pop("extensions"))
    paths = {name: Path(told[name]) for name in ("folder", "base", "curves")}
    job = Job(**{**told, **paths, "recipe": Recipe(**told["recipe"])})
    parallel.join()
    try:
        _train(job, _nobody)
    except ArgosyError as error:
        failed = {"error": error.to_json(), "kind": type(error).__name__}
        write_atomically(job.folder / _FAILED, json.dumps(failed, ensure_ascii=False))
        raise
    finally:
        parallel.leave()


def _nobody(share: float, note: str) -> None:
    """Hears how far it is; what several processes would say at once is not said."""
    del share, note


if __name__ == "__main__":
    main(Path(sys.argv[1]))
