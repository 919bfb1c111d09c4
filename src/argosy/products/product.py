"""What a product is: a short declaration of what it begins with, what is built and asked, and how it is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.stages.site import Site

Part = Literal["numbers", "alarms", "ask", "try"]
"""What a page may show: the numbers, the alarms that rang, how to ask and what that costs, and a form to try it."""
Make = Callable[[Project, Site], Stage[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that a project begins with: a small ``sample`` of it, whose name it has at first.

    ``columns`` are those of a table; a document has none. The times in the column ``recent``, if any, are moved so
    that the last one is that of the beginning: what watches the present has something to show.
    """

    sample: Path
    columns: tuple[str, ...]
    recent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address at which a service answers for the product, and a JSON body to ask there."""

    path: str
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure that a product is judged by.

    ``name`` is a metric's where it is one; ``at`` is its place in the record of the results, keys joined by dots;
    ``unit`` is none for a share of 1. In one that is ``lower``, less is better.
    """

    name: str
    at: str
    lower: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A number beyond ``limit`` on its worse side, and what that ``means``: a sentence without values."""

    number: str
    limit: float
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page at ``path`` of a service that answers for the product: what it is, and the parts that it ``shows``."""

    path: str
    title: str
    shows: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; ``about`` tells in a line what it is, and ``tasks`` are those of the project files that it builds.

    ``stages`` makes each stage by its name, in the order they run: up to ``checked`` they are run without training,
    ``report`` writes the record of the results and ``model`` what is served. ``figures`` tells what those up to the
    split found (stage → artifact's folder). ``template`` is a project file with placeholders for what was found in the
    data, ``sources`` the files that it names. ``routes`` tells where a service answers for a project, and ``pages``
    what it shows people there; ``numbers`` lead every report, the deciding ones first, and ``alarms`` watch them.
    Building needs the modules ``needs``, which ``argosy[extra]`` brings. Where it stands on models of other projects,
    ``beside`` are those that begin with it, by folder, and ``first`` names the folders that are built before it;
    ``checked`` is then the stage up to which it is checked.
    """

    about: str
    tasks: tuple[str, ...]
    stages: Mapping[str, Make]
    figures: Callable[[dict[str, Path]], dict[str, Any]]
    template: Path
    sources: tuple[Source, ...]
    routes: Callable[[Project], tuple[Route, ...]]
    numbers: tuple[Number, ...]
    alarms: tuple[Alarm, ...]
    needs: tuple[str, ...]
    extra: str
    pages: tuple[Page, ...] = ()
    beside: "Mapping[str, Product]" = field(default_factory=dict)
    first: Callable[[Project], tuple[str, ...]] = lambda _: ()
    checked: str = "split"
