"""One side of a comparison: a built model, the rows it was tested on, and those it must not be tested on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.places import find_model
from argosy.core.records import Example
from argosy.data.clean import clean_text
from argosy.data.dedupe import twin_key
from argosy.evaluate.metrics import Floats
from argosy.infer.answers import softmax
from argosy.infer.engines.tabular import TabularModel
from argosy.infer.folder import told
from argosy.infer.load import load
from argosy.infer.tokens import Tokenizer
from argosy.project.using import columns
from argosy.stages.classify import train
from argosy.stages.columns import split as tabular_split
from argosy.stages.data import rows, split

Answer = Callable[["Table"], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows, and the names of the numeric columns that ``meta["numeric"]`` of each holds."""

    examples: Sequence[Example]
    numeric: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The texts as they stood in the file, since each model cleans them in its own way."""
        return [str(example.meta["raw"]) for example in self.examples]

    def numbers(self, names: Sequence[str]) -> Floats:
        """The columns named [rows, columns]."""
        places = [self.numeric.index(name) for name in names]
        held = [[_numeric(example)[place] for place in places] for example in self.examples]
        return np.array(held, dtype=np.float64).reshape(len(self.examples), len(places))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A model by the name it was called, with its test rows and the rows that it knows; both None if not to be had.

    ``place`` is the folder that was named: of the project, or the model's own.
    ``labels`` are sorted, and none where a number is predicted; ``answer`` gives probabilities in that order [rows,
    labels], or numbers [rows]. ``trainings`` are the folders of its checkpoints.
    """

    name: str
    place: Path
    task: str
    labels: tuple[str, ...]
    text: bool
    numeric: tuple[str, ...]
    test: Table | None
    known: Table | None
    by_chance: bool
    trainings: Sequence[Path]
    answer: Answer
    described: Mapping[str, Any]


def open_side(name: str, place: Path) -> Side:
    """The model in ``place``, a project's folder or a model's own, under the name that it was called by."""
    folder = find_model(place).resolve()
    described = told(folder)
    stages = {stage: folder.parent / artifact for stage, artifact in described.get("lineage", {}).items()}
    if columns.is_tabular(folder):
        return _of_columns(name, place, described, stages)
    return _of_texts(name, place, described, stages)


def keys(table: Table, *, by_chance: bool) -> list[str]:
    """What two rows share if one repeats the other: text and numbers, whatever the label.

    Where rows may be equal by chance, only a row of the same file and line is the same.
    """
    texts = [twin_key(clean_text(text)) for text in table.texts]
    names = sorted(table.numeric)
    numbers = table.numbers(names).tolist() if names else [()] * len(texts)
    ids = [example.id if by_chance else "" for example in table.examples]
    return [repr(parts) for parts in zip(ids, texts, numbers, strict=True)]


def by_seed(side: Side, table: Table) -> list[Floats]:
    """The answers of every training that was kept, by the torch engine: probabilities [rows, labels]."""
    from argosy.infer.engines.torch_engine import open_torch

    said = []
    for folder in side.trainings:
        tokenizer = Tokenizer.load(folder, max_length=side.described["max_length"])
        steps, labels = side.described["text_steps"], side.described["labels"]
        engine = open_torch(folder, tokenizer=tokenizer, labels=labels, text_steps=steps)
        shares = softmax(engine.logits(table.texts).astype(np.float64))
        said.append(shares[:, [labels.index(label) for label in side.labels]])
    return said


def _of_texts(name: str, place: Path, described: Mapping[str, Any], stages: Mapping[str, Path]) -> Side:
    engine = load(find_model(place))
    labels = tuple(sorted(engine.labels))
    parts, trained = stages.get("split"), stages.get("train")
    there = parts is not None and parts.is_dir()
    return Side(
        name=name,
        place=place,
        task="classify",
        labels=labels,
        text=True,
        numeric=(),
        test=Table(examples=split.load_test(parts)) if parts and there else None,
        known=_joined(split.load(parts).values()) if parts and there else None,
        by_chance=False,
        trainings=train.checkpoints(trained) if trained and trained.is_dir() else [],
        answer=lambda table: _shares(engine.classify(table.texts), labels),
        described=described,
    )


def _of_columns(name: str, place: Path, described: Mapping[str, Any], stages: Mapping[str, Path]) -> Side:
    model = columns.load(place)
    labels = tuple(sorted(model.engine.labels))
    parts = stages.get("split")
    facts = tabular_split.facts(parts) if parts and parts.is_dir() else None
    numeric = tuple(facts["columns"]) if facts else tuple(described["columns"]["numeric"])
    return Side(
        name=name,
        place=place,
        task=str(described["task"]),
        labels=labels,
        text=model.text is not None,
        numeric=model.engine.numeric,
        test=Table(examples=rows.load(parts / "test"), numeric=numeric) if parts and facts else None,
        known=_joined([rows.load(parts / part) for part in ("train", "validation")], numeric)
        if parts and facts
        else None,
        by_chance=bool(facts and facts["repeats_by_chance"]),
        trainings=[],
        answer=lambda table: _of_model(model.engine, table, labels),
        described=described,
    )


def _of_model(engine: TabularModel, table: Table, labels: Sequence[str]) -> Floats:
    numbers = table.numbers(engine.numeric)
    texts = table.texts if engine.reads_text else []
    return _shares(engine.predict(numbers, texts), labels) if labels else engine.answers(numbers, texts)[:, 0]


def _joined(parts: Iterable[Sequence[Example]], numeric: tuple[str, ...] = ()) -> Table:
    return Table(examples=[example for part in parts for example in part], numeric=numeric)


def _shares(answers: Sequence[Any], labels: Sequence[str]) -> Floats:
    return np.array([[answer.probabilities[label] for label in labels] for answer in answers])


def _numeric(example: Example) -> Sequence[float]:
    held = example.meta.get("numeric", ())
    return held if isinstance(held, list) else ()
