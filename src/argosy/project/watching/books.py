"""What a look at the models reads: counts, captured texts with their answers, feedback, releases, what was promised.

The texts that a model's traffic is held against are the validation rows of its build, where the project still has them;
else those that were captured first since it answers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from argosy.config.places import STORE, find_model
from argosy.core.captured import Captured
from argosy.core.errors import MissingError
from argosy.core.watch import Place
from argosy.data.clean import clean_text
from argosy.infer.folder import told
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import Releasing, measured, releases_in
from argosy.project.selling.shop import Shop
from argosy.stages.data import split
from argosy.stages.data.parting import PARTS
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.persons.captures import SqlCaptures
from argosy.store.watching.signals import SqlSignals

Origin = Literal["validation", "captures"]
TEXTS = 1_000
"""Texts that stand for a model's own at most."""
_CAPTURES = 4_000  # opened at once at most
_FIRST = 300  # captured texts that stand for a model's own where its rows are not here


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A captured text, cleaned as rows are, and the answer it was given: the label with its probability, if any.

    ``weight`` is how many captured texts it stands for, where not all were opened.
    """

    place: Place
    text: str
    at: int
    version: str
    label: str | None = None
    probability: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Texts that a model is meant for, and where they come from."""

    texts: Sequence[str]
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The books of a project that sells; ``captures`` where the project keeps any."""

    shop: Shop
    signals: SqlSignals
    feedback: FeedbackTable
    releases: Releasing
    captures: SqlCaptures | None

    def names(self) -> list[str]:
        """The models that are released, and the project's own."""
        return sorted({*self.releases.shelf.lines(), *filter(None, [self._own()[0]])})

    def champions(self, model: str) -> list[tuple[int, str]]:
        """Since when which version was the champion, the first first; empty where nothing was ever released."""
        found: list[tuple[int, str]] = []
        for entry in self.releases.shelf.history(model):
            version = str(entry.get("champion", ""))
            if version and (not found or found[-1][1] != version):
                found.append((entry["at"], version))
        return found

    def said(self, model: str, start: int, end: int, *, surely: Collection[tuple[str, str]] = ()) -> list[Said]:
        """The captured texts of a model from ``start`` on and before ``end`` with their answers, oldest first.

        Of very many a sample, in which the events ``surely`` (by tenant) come first and stand for themselves.
        """
        if self.captures is None:
            return []
        seen = self.captures.between(start, end, model=model, most=_CAPTURES, surely=surely)
        sure = sum((one.tenant, one.event) in surely for one in seen)
        drawn, all_ = len(seen) - sure, self.captures.count(start, end, model=model) - sure
        weight = all_ / drawn if len(seen) == _CAPTURES and drawn else 1.0
        return [
            one
            for exchange in seen
            for one in _texts(exchange, 1.0 if (exchange.tenant, exchange.event) in surely else weight)
        ]

    def reference(self, model: str, version: str, said: Sequence[Said]) -> Reference:
        """The texts of a version: the rows it was built with, else the first of those that it ``said`` something of."""
        place = self._place(model, version)
        lineage = told(place).get("lineage", {}) if place else {}
        part = self.shop.folder / STORE / lineage.get("split", "-")
        if (part / PARTS[1]).is_dir():
            rows = split.at_most(split.load(part)["validation"], TEXTS, seed=self.shop.project.seed)
            return Reference(texts=[row.text for row in rows], origin="validation")
        own = [one.text for one in said if not version or one.version == version]
        return Reference(texts=own[:_FIRST], origin="captures")

    def promised(self, model: str, version: str) -> Mapping[str, Mapping[str, float]]:
        """The metrics of a version as they were measured on its test rows, those with an interval, by name."""
        numbers = [one for one in self.releases.shelf.versions(model) if str(one.number) == version]
        place = None if numbers else self._place(model, version)
        told_ = numbers[0].metrics if numbers else measured(told(place)) if place else {}
        return {name: figure for name, figure in told_.items() if isinstance(figure, Mapping) and "low" in figure}

    def _place(self, model: str, version: str) -> Path | None:
        """The folder of a version, where it is kept here."""
        for one in self.releases.shelf.versions(model):
            if str(one.number) == version:
                place = self.releases.place(model, one.number)
                return place if place.is_dir() else None
        name, own = self._own()
        return own if name == model else None

    def _own(self) -> tuple[str, Path | None]:
        """The name and the folder of the model that the project built last."""
        try:
            place = find_model(self.shop.folder).resolve()
        except MissingError:
            return "", None
        return str(told(place).get("name", "")), place


def books_of(shop: Shop, database: Database) -> Books:
    """The books of a project in its database."""
    wish = shop.project.privacy
    kept = bool(wish.capture) or (shop.folder / wish.key_file).is_file()
    return Books(
        shop=shop,
        signals=SqlSignals(database),
        feedback=FeedbackTable(database),
        releases=releases_in(database, shop.folder),
        captures=ProjectPrivacy(shop.project, shop.folder, database).captures if kept else None,
    )


def _texts(seen: Captured, weight: float) -> Iterator[Said]:
    asked = seen.asked.get("input") if isinstance(seen.asked, Mapping) else None
    answers = _answers(seen.answer)
    for index, text in enumerate([asked] if isinstance(asked, str) else asked or ()):
        if isinstance(text, str):
            label, probability = answers.get(index, (None, None))
            yield Said(
                place=(seen.tenant, seen.event, index),
                text=clean_text(text),
                at=seen.at,
                version=seen.version,
                label=label,
                probability=probability,
                weight=weight,
            )


def _answers(answer: Any) -> dict[int, tuple[str, float | None]]:
    """The labels of an answer by their places, each with its probability."""
    given = answer.get("data") if isinstance(answer, Mapping) else None
    known = [one for one in given or () if isinstance(one, Mapping) and isinstance(one.get("label"), str)]
    return {int(one["index"]): (one["label"], one.get("probabilities", {}).get(one["label"])) for one in known}
