"""A project's releases: its built models, kept by their digests and opened when they are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config import file
from argosy.config.places import find_model
from argosy.config.selling import Sell
from argosy.core.artifact import MANIFEST, Artifact, damaged_files, open_artifact, writing
from argosy.core.engine import Classifier, Embedder
from argosy.core.errors import GateError, MissingError, ProjectError
from argosy.infer.folder import is_assistant, told
from argosy.project.improving.provenance import keep
from argosy.project.selling.served_models import open_model
from argosy.project.selling.shop import open_store
from argosy.serve.answers.work import Engine
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.rollout import Releases
from argosy.serve.releases.versions import LABELS, Line, Paired, Pairs, Version
from argosy.stages.links import link_tree
from argosy.store.database import Database
from argosy.store.releases import SqlReleases

FOLDER = "releases"
_KIND = "release"
_WARM = ("warm",) * 4


def measured(described: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of what answers in a built model, by what its folder tells: a baseline, where one is served."""
    found = described.get("metrics", {})
    return dict(found.get("baselines", {}).get(described.get("served")) or found.get("metrics", {}))


class Shelf:
    """The releases of a database as the service's records."""

    def __init__(self, kept: SqlReleases) -> None:
        self._kept = kept

    def lines(self) -> Mapping[str, Line]:
        """The lines by model."""
        return {model: Line.from_json(line) for model, line in self._kept.lines().items()}

    def versions(self, model: str) -> Sequence[Version]:
        """The versions of a model by number."""
        return [Version(**version) for version in self._kept.versions(model)]

    def history(self, model: str) -> Sequence[Mapping[str, Any]]:
        """What was done, from the audit log, oldest first."""
        return self._kept.history(model)

    def evidence(self, rollout: str, step: int) -> Sequence[Evidence]:
        """What the workers have noted of one step."""
        return [Evidence.from_json(told) for told in self._kept.evidence(rollout, step)]

    def note(self, rollout: str, step: int, worker: str, evidence: Evidence) -> "Future[None]":
        """Replace what a worker noted of a step."""
        return self._kept.note(rollout, step, worker, evidence.to_json())

    def pair(self, rollout: str, answers: Pairs) -> "Future[None]":
        """Keep both versions' labels of requests until the true ones come."""
        return self._kept.pair(rollout, answers)

    def labelled(self, rollout: str) -> Paired:
        """What feedback has shown of the pairs kept."""
        won, lost, alike = self._kept.labelled(rollout)
        return Paired(won=won, lost=lost, alike=alike)

    def move(self, before: Line | None, after: Line, by: str) -> "Future[bool]":
        """Put ``after`` in the place of ``before``; False when another was there by now."""
        return self._kept.move(before.to_json() if before else None, after.to_json(), by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing:
    """The releases of the project in ``folder``."""

    folder: Path
    kept: SqlReleases

    @property
    def shelf(self) -> Shelf:
        """The board with the versions and the past."""
        return Shelf(self.kept)

    @property
    def controls(self) -> Controls:
        """What moves them by hand."""
        return Controls(self.shelf)

    def add(self, model: Path, *, by: str, note: str = "") -> Version:
        """Keep a built model (a project's folder or its own) as the next version; the first one is the champion.

        Raises GateError or MissingError for one that cannot be loaded here, ProjectError for an assistant: two of them
        would share one knowledge and one log.
        """
        place = find_model(model).resolve()
        if is_assistant(place):
            raise ProjectError(
                "An assistant is not released beside another one.",
                where=str(place),
                mend="Ask it the past questions (argosy support replay), then start the service again: it serves what "
                "was built last.",
            )
        described = told(place)
        kind = _kind_of(_warmed(place))
        artifact = _keep(place, self.folder / FOLDER)
        keep(place, self.folder, artifact.digest)
        metrics = measured(described)
        row = self.kept.add(described["name"], artifact.digest, kind, by=by, metrics=metrics, note=note).result()
        version = Version(**row)
        if version.model not in self.shelf.lines():
            first = Line(model=version.model, champion=version.number, since=version.at, reason="first")
            self.shelf.move(None, first, by).result()
        return version

    def place(self, model: str, number: int) -> Path:
        """The folder of a version; raises MissingError where it is not kept here."""
        for version in self.shelf.versions(model):
            if version.number == number:
                return self.folder / FOLDER / f"{_KIND}-{version.digest[:16]}"
        raise MissingError("There is no version {number} of {model}.", number=number, model=model)

    def open(self, model: str, number: int, *, threads: int | None = None) -> Engine:
        """A version, whole, its probes answered, and warm; raises GateError or MissingError."""
        place = self.place(model, number)
        damaged = damaged_files(open_artifact(place))
        if damaged:
            raise GateError(
                "This file is not what was released.",
                where=str(place / damaged[0]),
                mend="Copy the release from where it was added, or release another version.",
            )
        return _warmed(place, threads)

    def followed(self, *, threads: int | None = None) -> Releases:
        """What a service follows; what it is handed at its start counts as never released."""
        return Releases(board=self.shelf, open=lambda model, number: self.open(model, number, threads=threads))


@contextmanager
def releasing(folder: Path) -> Iterator[Releasing]:
    """The releases of the project in ``folder``, in its store, while the block runs."""
    sell = file.load(folder).sell or Sell()
    with open_store(sell, folder) as database:
        yield releases_in(database, folder)


def releases_in(database: Database, folder: Path) -> Releasing:
    """The releases of the project in ``folder``, in a database that is open already."""
    return Releasing(folder=folder, kept=SqlReleases(database))


def _keep(place: Path, store: Path) -> Artifact:
    """The model's files, linked into a folder named by their digest."""
    with writing(store, _KIND) as draft:
        link_tree(place, draft.path)
        (draft.path / MANIFEST).unlink(missing_ok=True)  # its own is written by name: it must not be a link
    return draft.artifact


def _kind_of(engine: Engine) -> str:
    if isinstance(engine, Classifier):
        return LABELS
    return "embed" if isinstance(engine, Embedder) else "generate"


def _warmed(place: Path, threads: int | None = None) -> Engine:
    """The engine, after a first answer, which takes longer than the next ones."""
    engine = open_model(place, threads=threads)
    if isinstance(engine, Classifier):
        engine.classify(_WARM)
    elif isinstance(engine, Embedder):
        engine.embed(_WARM)
    return engine
