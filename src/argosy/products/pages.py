"""What a product's pages show, told in the model's ``argosy.json`` in both languages: a service needs no more."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.language import LANGUAGES, translator
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.products.judging import judge
from argosy.products.product import Product
from argosy.report.ladder import metric_name, rung_names, versus_words
from argosy.report.numbers import figure_at, figure_words, found_at
from argosy.stages.results import load

_WORDS = {language: translator(language) for language in LANGUAGES}
_BARE = frozenset({"", "rows", "documents", "bits"})  # units that the names of numbers tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Those of the stage itself, and what the product declares."""

    model: Any
    product: Mapping[str, Any]


def telling(stage: Stage[Any], product: Product, project: Project) -> Stage[Any]:
    """The last stage of a product, which now tells in ``argosy.json`` what the product's pages show; if it has any."""
    if not product.pages:
        return stage
    routes = [asdict(route) for route in product.routes(project)]

    def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
        stage.run(params.model, inputs, out, tell)
        record, description = load(inputs["report"]), model_folder.told(out)
        shown = {**_told(product, {**record, **judge(product, project, record)}), "routes": routes}
        (out / model_folder.NAME).unlink()  # it may be a link to another artifact's
        model_folder.write(out, {**description, "product": shown})

    parts = {name: [asdict(part) for part in getattr(product, name)] for name in ("pages", "numbers", "alarms")}
    declared = {"name": project.product_name, "about": product.about, "routes": routes, **parts}
    return replace(
        stage,
        params=Params(model=stage.params, product=declared),
        run=run,
        inputs=tuple(dict.fromkeys((*stage.inputs, "report"))),
        code=(*stage.code, stage.run.__module__),
    )


def _told(product: Product, record: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under ``product`` in ``argosy.json``, but for the routes."""
    return {
        "name": record["product"],
        "about": _said(product.about),
        "pages": [{"path": page.path, "title": _said(page.title), "shows": list(page.shows)} for page in product.pages],
        "numbers": [_number(number, record) for number in record["numbers"]],
        "alarms": [{**alarm, "means": _said(alarm["means"])} for alarm in record["alarms"]],
    }


def _number(number: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """A number that stands in the record, with the best baseline's and the difference to it where it has them."""
    name, at = number["name"], number["at"]
    measured, found = figure_at(record, at), found_at(record, at)
    told = {**number, **measured, "called": {language: metric_name(name, t) for language, t in _WORDS.items()}}
    told["told"] = figure_words(name, measured) + ("" if number["unit"] in _BARE else f" {number['unit']}")
    if not isinstance(found, Mapping) or "versus" not in found:
        return told
    versus, metric = found["versus"], at.rpartition(".")[2]
    told["difference"] = {language: versus_words(versus, metric, t) for language, t in _WORDS.items()}
    best = figure_at(record, f"baselines.{versus['baseline']}.{metric}") if versus else {}
    if best:
        names = {language: rung_names(record, t) for language, t in _WORDS.items()}
        called = {language: known.get(versus["baseline"], versus["baseline"]) for language, known in names.items()}
        told["baseline"] = {**best, "called": called, "told": figure_words(metric, best)}
    return told


def _said(message: str) -> dict[str, str]:
    return {language: t(message) for language, t in _WORDS.items()}
