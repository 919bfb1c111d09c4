"""The models of a monitor, opened from its folder: what reads the texts, and what is known of its errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.artifact import digest_file, digest_text
from argosy.core.engine import Classifier
from argosy.infer.folder import NAME, TOPICS, told
from argosy.infer.load import load
from argosy.opinion.analyst import Reader
from argosy.opinion.counting.errors import Errors
from argosy.opinion.entities.find import Entities, Named
from argosy.project.supporting.reading import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The reader and its errors; ``validated`` says by language which sentiments are known, and whether entities are.

    ``topics`` are the labels of the topic model.
    """

    reader: Reader
    errors: Errors
    topics: tuple[str, ...]
    known: Mapping[str, Any]

    @property
    def topic(self) -> Classifier | None:
        """The model of topics, if any."""
        return self.reader.topic


def open_models(
    model: Path, project: Project, read: Read, pseudonym: Callable[[str], str], *, threads: int | None = None
) -> Models:
    """The models in the folder ``model``; raises MissingError or GateError as ``load`` does."""
    described, topics = told(model), model / TOPICS
    sentiment = load(model, None, threads)
    topic = load(topics, None, threads) if topics.is_dir() else None
    known, wish = described["errors"], project.opinion
    reader = Reader(
        sentiment=sentiment,
        topic=topic,
        clean=read,
        pseudonym=pseudonym,
        languages=tuple(project.languages),
        entities=entities_of(project),
        sure=wish.sure,
        version=_version(model),
        weights={name: one.weight for name, one in wish.sources.items()},
    )
    errors = Errors.from_json(known["errors"])
    return Models(reader=reader, errors=errors, topics=topic.labels if topic else (), known=known)


def entities_of(project: Project) -> Entities:
    """Whom the project file names."""
    return Entities([Named(name=name, **one.model_dump()) for name, one in project.opinion.entities.items()])


def _version(model: Path) -> str:
    """What the two models are: the digest of what lists their files."""
    listed = [place / NAME for place in (model, model / TOPICS) if (place / NAME).is_file()]
    return digest_text("".join(digest_file(file) for file in listed))[:12]
