"""The HTML report: one file that needs nothing else, for a phone, a screen or paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from argosy.core.language import translator
from argosy.project import numbers
from argosy.project.ladder import Results, Translate, metric_name, original, rung_names, rungs, served_rung
from argosy.project.verdict import verdict
from argosy.ui import grids
from argosy.ui.figures import Chart, chart, scale

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(results: Mapping[str, Any], language: str) -> str:
    """The report of ``results`` (the record behind ``argosy report --json``) in ``en`` or ``zh``."""
    return page(results, translator(language), language)


def page(results: Results, t: Translate, language: str) -> str:
    """The report with its phrases put through ``t``."""
    return _ENVIRONMENT.get_template("report.html").render(
        r=results,
        t=t,
        language={"zh": "zh-CN"}.get(language, "en"),
        verdict=verdict(results, t),
        served=served_rung(results, t),
        metric=metric_name(results["choice"]["metric"], t),
        names=rung_names(results, t),
        original=original(results["base"]),
        charts=_charts(results, t),
        grids=grids,
        numbers=numbers,
        stages=_stages(results),
    )


def _charts(results: Results, t: Translate) -> list[tuple[str | None, Chart]]:
    """The chart of all test rows, then one a language where there are several; all on one axis."""
    metric = results["choice"]["metric"]
    parts = [None, *results["slices"]] if len(results["slices"]) > 1 else [None]
    ladders = [rungs(results, t, part) for part in parts]
    axis = scale(ladders, metric)
    return [(part, chart(ladder, metric, axis)) for part, ladder in zip(parts, ladders, strict=True)]


def _stages(results: Results) -> list[dict[str, Any]]:
    """Each stage with its seconds, its share of the longest, and its artifact where the record names it."""
    seconds = {name: value for name, value in results["timings"].items() if name != "total"}
    longest = max(seconds.values(), default=0) or 1
    artifacts = results.get("lineage", {})
    return [
        {
            "name": name,
            "seconds": value,
            "share": round(100 * value / longest, 1),
            "artifact": artifacts.get(name, ""),
        }
        for name, value in seconds.items()
    ]
