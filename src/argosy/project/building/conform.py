"""What must hold of a product, whoever declares it: its parts fit together, and its sample begins a valid project."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from argosy.config import file
from argosy.core.errors import ArgosyError, DataError, ProjectError
from argosy.data.files.header import missing_columns
from argosy.data.files.read import read_table
from argosy.evaluate.tasks.measure import TASKS
from argosy.products.product import Part, Product, Route
from argosy.project.building.build import stages
from argosy.project.building.templates import begin
from argosy.serve.routes.product import OWN

_NEEDED = ("report", "model")  # what a build reads by name
_PATH = re.compile(r"(/[a-z0-9][a-z0-9-]*)+")


def faults(name: str, product: Product, folder: Path) -> list[ArgosyError]:
    """Everything that is wrong with a product, told of its ``name``; a project of it is begun in the empty ``folder``.

    A product without faults begins a project that `argosy check` and `argosy run` can take as it is.
    """
    found = [
        *_numbers(name, product),
        *_order(name, product),
        *_pages(name, product),
        *_samples(name, product),
    ]
    return found or list(_begun(name, product, folder))


def _numbers(name: str, product: Product) -> Iterator[ArgosyError]:
    numbers = {number.name: number for number in product.numbers}
    for alarm in product.alarms:
        if alarm.number not in numbers:
            yield ProjectError(
                "An alarm watches {number!r}, which is none of the product's numbers.",
                where=name,
                mend="Declare it among them: Number(name={number!r}, at=…)",
                number=alarm.number,
            )
    less = frozenset[str]().union(*(task.lower for task in TASKS.values()))
    for number in product.numbers:
        if number.name in less and not number.lower:
            yield ProjectError(
                "In the number {number!r} less is better, and it is declared the other way.",
                where=name,
                mend="Set lower=True.",
                number=number.name,
            )


def _order(name: str, product: Product) -> Iterator[ArgosyError]:
    order = list(product.stages)
    missing = [stage for stage in (product.checked, *_NEEDED) if stage not in order]
    if missing or order[-1:] != ["model"]:
        yield ProjectError(
            "The stages are {order}; {checked}, report and model must be among them, and model the last.",
            where=name,
            mend="Name them so: those of the built-in products may be taken over.",
            order=", ".join(order) or "–",
            checked=product.checked,
        )


def _pages(name: str, product: Product) -> Iterator[ArgosyError]:
    paths = [page.path for page in product.pages]
    for page in product.pages:
        if not _PATH.fullmatch(page.path) or page.path.split("/")[1] in OWN or paths.count(page.path) > 1:
            yield ProjectError(
                "The page {path!r} is at no free address: of letters, digits and -, once, and not below {own}.",
                where=name,
                mend="Choose another, such as /model.",
                path=page.path,
                own=", ".join(sorted(OWN)),
            )
        unknown = [part for part in page.shows if part not in get_args(Part)]
        if unknown:
            yield ProjectError(
                "The page {path!r} shows {unknown}; there are: {parts}.",
                where=name,
                mend="Name only parts that there are.",
                path=page.path,
                unknown=", ".join(unknown),
                parts=", ".join(get_args(Part)),
            )


def _samples(name: str, product: Product) -> Iterator[ArgosyError]:
    if not product.template.is_file() or not product.sources:
        yield DataError(
            "A project begins with a template and a source at least; the template should be {path}.",
            where=name,
            mend="Ship both with the module's package, and declare them.",
            path=product.template,
        )
    for source in product.sources:
        if not source.sample.is_file():
            yield DataError(
                "The sample is not there.", where=str(source.sample), mend="Ship it with the module's package."
            )
        elif source.columns:
            yield from missing_columns(read_table(source.sample), source.columns, str(source.sample))


def _begun(name: str, product: Product, folder: Path) -> Iterator[ArgosyError]:
    """What is wrong with the project that the template and the samples make, and with its stages."""
    try:
        begin(folder, product)
        project = file.load(folder)
        made = stages(project, folder, folder)
    except ArgosyError as error:
        yield error
        return
    if project.product_name != name:
        yield ProjectError(
            "The template makes a project of the product {other!r}.",
            where=str(product.template),
            mend="Write into it: product = {name!r}",
            name=name,
            other=project.product_name,
        )
        return
    yield from _routes(name, product.routes(project))
    known: set[str] = set()
    for listed, stage in zip(product.stages, made, strict=False):
        unknown = sorted({*stage.inputs} - known)
        if listed != stage.name or unknown:
            yield ProjectError(
                "The stage {listed!r} calls itself {stage!r} and reads {inputs}; not before it: {unknown}.",
                where=name,
                mend="List each stage under its own name, after those that it reads.",
                listed=listed,
                stage=stage.name,
                inputs=", ".join(stage.inputs) or "–",
                unknown=", ".join(unknown) or "–",
            )
        known.add(listed)


def _routes(name: str, routes: Iterable[Route]) -> Iterator[ArgosyError]:
    for route in routes:
        try:
            body = json.loads(route.ask)
        except ValueError:
            body = None
        if not route.path.startswith("/") or not isinstance(body, dict):
            yield ProjectError(
                "The route {path!r} is asked with {ask!r}; expected a path from / on, and an object of JSON.",
                where=name,
                mend='Such as the path /v1/classify and the body {{"input": "…"}}.',
                path=route.path,
                ask=route.ask,
            )
