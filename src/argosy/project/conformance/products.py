"""What a product must keep to: its parts fit together, and a project of its sample is checked and, if asked, built."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from argosy.config import file
from argosy.core.errors import ArgosyError
from argosy.products.product import Product
from argosy.project.building.build import build, check
from argosy.project.building.conform import faults
from argosy.project.building.run import Progress
from argosy.project.building.templates import begin
from argosy.project.conformance.problem import Check


def check_declaration(name: str, product: Product) -> Iterator[ArgosyError]:
    """Stages, numbers, alarms, template and samples fit together."""
    with tempfile.TemporaryDirectory() as folder:
        yield from faults(name, product, Path(folder) / "project")


def check_sample(name: str, product: Product) -> Iterator[ArgosyError]:
    """A project of the template, on the sample, is found clean."""
    del name  # the template says which product it is of
    yield from _tried(product, whole=False)


def check_build(name: str, product: Product) -> Iterator[ArgosyError]:
    """Such a project is built to its end."""
    del name
    yield from _tried(product, whole=True)


def _tried(product: Product, *, whole: bool) -> Iterator[ArgosyError]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        try:
            begin(folder, product)
            (build if whole else check)(file.load(folder), folder, _unheard)
        except ArgosyError as error:
            yield error


def _unheard(news: Progress) -> None:
    """Nobody listens."""
    del news


CHECKS: tuple[Check, ...] = (check_declaration, check_sample)
BUILDS: tuple[Check, ...] = (check_build,)
