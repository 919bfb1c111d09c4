"""All that is at hand by name, built in or an extension's; and whether it keeps to what is asked of its kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from argosy.config import file
from argosy.config.schema import FILE
from argosy.core.errors import ArgosyError
from argosy.core.extension import KINDS, OWNER, Extension, named, open_extensions, open_installed, opened
from argosy.data.clean import TEXT_STEPS
from argosy.data.files.sources import SOURCES
from argosy.evaluate.metrics import METRICS
from argosy.evaluate.tasks.measure import TASKS
from argosy.products.catalogue import PRODUCTS
from argosy.project.conformance import compressors, measuring, products, sources, steps
from argosy.project.conformance.problem import Check, failed
from argosy.stages.smaller.students import COMPRESSORS

BUILT_IN = Extension(
    name=OWNER,
    steps=TEXT_STEPS,
    sources=SOURCES,
    metrics=METRICS,
    tasks=TASKS,
    compressors=COMPRESSORS,
    products=PRODUCTS,
)
CHECKS: Mapping[str, tuple[Check, ...]] = MappingProxyType(
    {
        "steps": steps.CHECKS,
        "sources": sources.CHECKS,
        "metrics": measuring.METRIC_CHECKS,
        "tasks": measuring.TASK_CHECKS,
        "compressors": compressors.CHECKS,
        "products": products.CHECKS,
    }
)
"""What is asked of each kind of thing, in order; a product may also be built (``products.BUILDS``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One thing by its name; ``owner`` is the module that brings it."""

    kind: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was asked of one thing, by the names of the checks, and what is wrong with it."""

    kind: str
    name: str
    checks: tuple[str, ...]
    problems: tuple[ArgosyError, ...]


def open_project(folder: Path) -> None:
    """Open what is installed and, where there is a project, what its file names."""
    if (folder / FILE).is_file():
        file.load(folder)
    else:
        open_installed()


def given() -> list[Given]:
    """All that is at hand, kind by kind; raises ProjectError for a name that is given twice."""
    everything = {OWNER: BUILT_IN, **opened()}
    for kind in KINDS:
        named(kind, BUILT_IN.of(kind))
    return [
        Given(kind=kind, name=name, owner=owner)
        for kind in KINDS
        for owner, extension in everything.items()
        for name in extension.of(kind)
    ]


def extension_of(name: str, folder: Path) -> Extension:
    """The extension of this name, or of the module of this name, which may lie in ``folder``.

    Raises MissingError where there is none.
    """
    if name == OWNER:
        return BUILT_IN
    named_so = {extension.name: extension for extension in opened().values()}
    if name in named_so:
        return named_so[name]
    open_extensions([name], folder)
    return opened()[name]


def check_extension(extension: Extension, *, build: bool = False) -> Iterator[Checked]:
    """Ask everything of all that an extension brings, one thing after the other; ``build`` its products too."""
    more = {"products": products.BUILDS} if build else {}
    for kind, checks in CHECKS.items():
        for name, value in extension.of(kind).items():
            yield ask(kind, name, value, (*checks, *more.get(kind, ())))


def ask(kind: str, name: str, value: object, checks: Sequence[Check]) -> Checked:
    """The checks of one thing in order, up to the first that does not hold."""
    asked: list[str] = []
    for check in checks:
        asked.append(check.__name__)
        if problems := _problems(check, name, value):
            return Checked(kind=kind, name=name, checks=tuple(asked), problems=problems)
    return Checked(kind=kind, name=name, checks=tuple(asked), problems=())


def _problems(check: Check, name: str, value: object) -> tuple[ArgosyError, ...]:
    try:
        return tuple(check(name, value))
    except ArgosyError as error:
        return (error,)
    except Exception as error:  # noqa: BLE001 - the code of others
        return (failed(name, check.__name__, error),)
