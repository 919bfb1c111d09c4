"""The queue of captured texts that people label: what is put into it, and what comes out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy.config import file
from argosy.config.places import find_model
from argosy.config.schema import Project
from argosy.config.selling import Sell
from argosy.core.captured import Captured
from argosy.core.errors import MissingError
from argosy.core.labelling import Asked, Item, State
from argosy.core.watch import Place
from argosy.evaluate.intervals import Interval, share
from argosy.infer.folder import told
from argosy.monitor.choosing import Chosen, choose
from argosy.monitor.embedding import Hashed
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import releases_in
from argosy.project.selling.shop import open_store
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.persons.captures import SqlCaptures
from argosy.store.watching.labelling import SqlLabelling

RANDOM = 0.2
"""The share of the texts asked for that chance alone draws: they tell how good the answers are."""
_DAY = 86_400_000_000  # microseconds
_MOST = 5_000  # captures that are looked through, a sample of more


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item with the text that it names."""

    item: Item
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was put into the queue: texts ``asked`` for of those ``offered``, some ``random``, some for ``twice``."""

    model: str
    offered: int
    asked: int
    random: int
    twice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A captured text without a label, and what the model answered."""

    place: Place
    text: str
    label: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The texts of a project's model that people label."""

    project: Project
    model: str
    labels: tuple[str, ...]
    kept: SqlLabelling
    captures: SqlCaptures
    feedback: FeedbackTable

    def ask(self, now: int, *, count: int | None = None) -> Added:
        """Choose texts and put them into the queue; raises MissingError where nothing is captured.

        Chosen are captured texts without a label from anybody, whose answer is in doubt by its probabilities or was
        called bad; a share ``RANDOM`` by chance alone. Who is asked twice is drawn at random too.
        """
        days = self.project.privacy.keep_days
        before = self.kept.places(self.model)
        offered, bad = self._candidates(now - days * _DAY, now, before)
        if not offered:
            raise MissingError(
                "No text of {model!r} without a label was captured in the last {days} days.",
                mend="Let a share of the requests be captured: [privacy] capture = 0.1, with a legal basis.",
                model=self.model,
                days=days,
            )
        vectors = Hashed().embed([one.text for one in offered])
        taken = Hashed().embed(list(self.captures.texts(before).values()))
        wanted = count or self.project.improve.ask
        chosen = choose(_matrix(offered, bad), vectors, wanted, taken=taken, random=RANDOM, seed=len(before))
        asked = self._asked(offered, chosen, np.random.default_rng(len(before)))
        return Added(
            model=self.model,
            offered=len(offered),
            asked=self.kept.add(self.model, asked),
            random=sum(one.random for one in chosen),
            twice=sum(one.wanted > 1 for one in asked),
        )

    def shown(self, *states: State, without: str = "") -> list[Shown]:
        """Items in these states whose texts are there, none that the person ``without`` has labelled."""
        items = [item for item in self.kept.items(self.model, *states) if without not in item.votes]
        texts = self.captures.texts({item.place for item in items})
        return [Shown(item=item, text=texts[item.place]) for item in items if item.place in texts]

    def text(self, place: Place) -> str | None:
        """The text at a place, as long as it is kept."""
        return self.captures.texts({place}).get(place)

    def right(self) -> Interval | None:
        """The share of right answers among the captured texts without feedback, by the random ones that were labelled.

        None where none was. Texts weigh as many as they stand for; the interval is that of as many rows as would give
        the same variance at equal weights (Kish 1965).
        """
        done = [item for item in self.kept.items(self.model, "done") if item.why.get("weight", 0) > 0]
        if not done:
            return None
        weights = np.array([item.why["weight"] for item in done])
        right = np.array([item.label == item.why["answer"] for item in done])
        return share(float(weights @ right / weights.sum()), float(weights.sum() ** 2 / (weights @ weights)))

    def _candidates(self, start: int, end: int, before: set[Place]) -> tuple[list[_Candidate], set[Place]]:
        """Texts to choose from, and the places whose answers somebody called bad."""
        said = list(self.feedback.between(start, end, model=self.model))
        done = before | {(one.tenant, one.event, one.index) for one in said if one.label is not None}
        bad = {(one.tenant, one.event, one.index) for one in said if (one.rating or 0) < 0}
        seen = self.captures.between(start, end, model=self.model, most=_MOST)
        return [one for exchange in seen for one in _texts(exchange) if one.place not in done], bad

    def _asked(self, offered: Sequence[_Candidate], chosen: Sequence[Chosen], rng: np.random.Generator) -> list[Asked]:
        twice = set(rng.permutation(len(chosen))[: round(self.project.improve.twice * len(chosen))].tolist())
        return [
            Asked(
                place=offered[one.row].place,
                wanted=1 + (at in twice),
                why={
                    "doubt": round(one.doubt, 4),
                    "weight": round(one.weight, 4),
                    "answer": offered[one.row].label,
                },
            )
            for at, one in enumerate(chosen)
        ]


def queue_in(project: Project, folder: Path, database: Database) -> Queue:
    """The queue of the project in ``folder``, in its database that is open already."""
    return Queue(
        project=project,
        model=project.name,
        labels=_labels(project.name, folder, database),
        kept=SqlLabelling(database),
        captures=ProjectPrivacy(project, folder, database).captures,
        feedback=FeedbackTable(database),
    )


@contextmanager
def queue_of(folder: Path) -> Iterator[Queue]:
    """The queue of the project in ``folder``, while the block runs."""
    project = file.load(folder)
    with open_store(project.sell or Sell(), folder) as database:
        yield queue_in(project, folder, database)


def _labels(model: str, folder: Path, database: Database) -> tuple[str, ...]:
    """The labels of the version that answers, else of the model that was built last; none where neither is here."""
    releases = releases_in(database, folder)
    line = releases.shelf.lines().get(model)
    try:
        place = releases.place(model, line.champion) if line else find_model(folder)
        return tuple(map(str, told(place).get("labels", ())))
    except MissingError:
        return ()


def _texts(seen: Captured) -> Iterator[_Candidate]:
    """The texts of an exchange that a classifier answered."""
    given = seen.answer.get("data") if isinstance(seen.answer, Mapping) else None
    asked = seen.asked.get("input") if isinstance(seen.asked, Mapping) else None
    texts = [asked] if isinstance(asked, str) else asked
    if not isinstance(given, list) or not isinstance(texts, list):
        return
    for one in given:
        shares = one.get("probabilities") if isinstance(one, Mapping) else None
        index = one.get("index") if isinstance(one, Mapping) else None
        if isinstance(shares, Mapping) and isinstance(index, int) and 0 <= index < len(texts):
            place, label = (seen.tenant, seen.event, index), str(one.get("label"))
            yield _Candidate(place=place, text=str(texts[index]), label=label, probabilities=shares)


def _matrix(offered: Sequence[_Candidate], bad: set[Place]) -> NDArray[np.float64]:
    """Probabilities [texts, labels] over the labels of all versions; all alike where the answer was called bad."""
    labels = sorted({label for one in offered for label in one.probabilities})
    table = np.array([[float(one.probabilities.get(label, 0.0)) for label in labels] for one in offered])
    table[[at for at, one in enumerate(offered) if one.place in bad]] = 1 / len(labels)
    return table
