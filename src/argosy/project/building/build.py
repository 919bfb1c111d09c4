"""Build a project: its stages in order, what a run leaves in the project's folder, and the record of it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from argosy.config import file
from argosy.config.places import MODEL, STORE, default_cache
from argosy.config.schema import FILE, Project, Target
from argosy.core.errors import MissingError, ProjectError
from argosy.core.extension import open_installed
from argosy.core.stage import Stage
from argosy.models.source import Base, resolve
from argosy.products.catalogue import product_named, products
from argosy.products.judging import judge
from argosy.products.pages import telling
from argosy.products.product import Product
from argosy.project.building.estimate import Needs, estimate
from argosy.project.building.plan import read_lock
from argosy.project.building.run import Done, Progress, alone, run
from argosy.project.building.site import site_of
from argosy.report import record
from argosy.stages import training
from argosy.stages.data import read
from argosy.stages.results import load as load_results
from argosy.stages.smaller import frontier, pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A finished run: ``results`` is the record with its timings, ``hits`` the stages that stood."""

    results: dict[str, Any]
    hits: frozenset[str]
    model: Path


def product_of(project: Project) -> Product:
    """The product that a project file names, or the usual one for its task; raises ProjectError for another's task."""
    named = product_named(project.product_name, f"{FILE}, product")
    if project.task not in named.tasks:
        raise ProjectError(
            "The product {product!r} is not for the task {task!r}.",
            where=f"{FILE}, task",
            mend="It is for: {tasks}.",
            product=project.product_name,
            task=project.task,
            tasks=", ".join(named.tasks),
        )
    return named


def stages(
    project: Project, folder: Path, cache: Path | None = None, *, inexact: bool = False, explore: float | None = None
) -> list[Stage[Any]]:
    """All stages in the order they run; ``inexact`` and ``explore`` as in ``stages.site.Site``."""
    site = site_of(folder, cache, inexact=inexact, explore=explore)
    product = product_of(project)
    *made, model = (make(project, site) for make in product.stages.values())
    return [*made, telling(model, product, project)]


def rows(project: Project, folder: Path) -> list[Stage[Any]]:
    """The stages from the files to the one that is checked, such as the split, which need no base model."""
    site, product = site_of(folder), product_of(project)
    makes = list(product.stages.items())
    return [make(project, site) for _, make in makes[: list(product.stages).index(product.checked) + 1]]


def build(
    project: Project,
    folder: Path,
    tell: Callable[[Progress], None],
    *,
    until: str | None = None,
    wait: float = -1,
    cache: Path | None = None,
    inexact: bool = False,
) -> Built | Done:
    """Bring the project up to date; ``until`` names the last stage to run, then only what was done is returned.

    Projects that it stands on are brought up to date first. A training that was stopped goes on to the same bits, or
    is refused; ``inexact`` lets it go on all the same.

    Raises BusyError when another run holds the project longer than ``wait`` seconds (below 0: waits for ever).
    """
    _require_packages(project)
    for part in product_of(project).first(project):
        build(file.load(folder / part), folder / part, _within(part, tell), wait=wait, cache=cache, inexact=inexact)
    with alone(folder, wait):
        done = run(folder, stages(project, folder, cache, inexact=inexact), tell, until)
        if "train" in done.artifacts:
            training.sweep(folder / STORE)
        if "model" not in done.artifacts:
            return done
        _point(folder / MODEL, done.artifacts["model"].path)
    results = _told(project, folder, done.artifacts["report"].path)
    return Built(results=results, hits=done.hits, model=folder / MODEL)


def explore(
    project: Project, folder: Path, tell: Callable[[Progress], None], minutes: float, *, cache: Path | None = None
) -> dict[str, Any]:
    """The frontier of a project, made and measured for so many minutes whether it asks for it or not.

    The record is that of the results; where the project has no target, it says what would be picked if a loss of the
    gate's margin were allowed. Raises ProjectError where no Transformer is tuned, and BusyError when
    another run holds the project.
    """
    if not project.trains_transformer:
        raise ProjectError(
            "Only a Transformer that gives labels is made smaller.", where=FILE, mend="Leave this project as it is."
        )
    _require_packages(project)
    with alone(folder, 0):
        steps = stages(project, folder, cache, explore=minutes)
        made = run(folder, steps, tell, frontier.NAME).artifacts
        training.sweep(folder / STORE)
    parted, explored = made["split"].path, made[frontier.NAME].path
    target = project.target or Target(max_quality_loss=project.gate.margin, minutes=minutes)
    untold = pick.same(parted, explored, metric=project.metric, seed=project.seed)
    return record.told(frontier.read(explored), target, project.cost, untold)


def resolve_base(project: Project, folder: Path, cache: Path | None = None) -> Base:
    """The base model of a project, converted into the cache when it is not there yet."""
    return resolve(project.base_model.model, folder, cache or default_cache())


def needs(project: Project, folder: Path, base: Base) -> Needs:
    """What a run will take on this machine."""
    files = read.files(project, folder)
    return estimate(project, [*files[read.POOL], *files[read.LABELLED]], base.path)


def check(project: Project, folder: Path, tell: Callable[[Progress], None]) -> dict[str, Any]:
    """Read, clean, dedupe and split without training; the figures of the data."""
    for part in product_of(project).first(project):
        check(file.load(folder / part), folder / part, _within(part, tell))
    with alone(folder):
        done = run(folder, rows(project, folder), tell)
    return product_of(project).figures({name: artifact.path for name, artifact in done.artifacts.items()})


def results(folder: Path) -> dict[str, Any]:
    """The record of the last whole build; raises MissingError when there is none."""
    entry = read_lock(folder).get("report")
    path = folder / STORE / entry.artifact if entry else None
    if path is None or not path.is_dir() or not (folder / MODEL).is_dir():
        raise MissingError(
            "Nothing is built here yet.", where=str(folder), mend="Build it: argosy run {folder}", folder=folder
        )
    return _told(file.load(folder), folder, path)


def order() -> Sequence[str]:
    """The names of the stages of all products at hand, each product's in its order."""
    open_installed()
    return tuple(dict.fromkeys(name for one in products().values() for name in one.stages))


def _within(part: str, tell: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Tells of the stages of a project that another one stands on."""
    return lambda news: tell(replace(news, stage=f"{part}/{news.stage}"))


def _require_packages(project: Project) -> None:
    """Raise MissingError in an install that can only serve."""
    product = product_of(project)
    missing = [name for name in product.needs if find_spec(name) is None]
    if missing:
        raise MissingError(
            "Building needs {missing}, which this install does not have.",
            mend="pip install 'argosy[{extra}]'",
            missing=", ".join(missing),
            extra=product.extra,
        )


def _told(project: Project, folder: Path, path: Path) -> dict[str, Any]:
    """The record in ``path`` with its timings, and what the product makes of it."""
    seconds = {name: entry.seconds for name, entry in read_lock(folder).items()}
    timings = {**seconds, "total": round(sum(seconds.values()), 3)}
    measured = load_results(path)
    judged = judge(product_of(project), project, measured)
    return {**measured, **judged, "timings": timings, "artifact": str((folder / MODEL).resolve())}


def _point(link: Path, target: Path) -> None:
    """Let ``link`` name ``target``, replacing an older link in one step."""
    aside = link.with_name(f".{link.name}-{os.getpid()}")
    aside.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    os.replace(aside, link)
