"""The HTML report: one file that needs nothing else, for a phone, a screen or paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from argosy.core.language import translator
from argosy.report import findings, frontier_words, learning, numbers, text_findings, text_verdict, words
from argosy.report import ladder as ladders
from argosy.report.ladder import Results, Translate, metric_name, original, rungs, served_rung
from argosy.report.verdict import method, verdict
from argosy.ui import charts, grids, grids_data, grids_doubts, reasons
from argosy.ui.figures import Chart, chart, scale

SECTIONS = (
    "data",
    "labels",
    "ladder",
    "errors",
    "certainty",
    "stress",
    "explanations",
    "more",
    "frontier",
    "parity",
    "causes",
    "model",
    "stages",
)
"""In the order of worry; a section whose figures a project does not have leaves nothing."""
WRITING = ("data", "text", "stages")
"""The sections of a project that writes."""
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PLOTS = (charts.lengths, charts.reliability, charts.risk, charts.learning, charts.loss, charts.validation)


def render(results: Mapping[str, Any], language: str) -> str:
    """The report of ``results`` (the record behind ``argosy report --json``) in ``en`` or ``zh``."""
    return page(results, translator(language), language)


def page(results: Results, t: Translate, language: str) -> str:
    """The report with its phrases put through ``t``."""
    return _ENVIRONMENT.get_template("report.html").render(
        r=results,
        t=t,
        language={"zh": "zh-CN"}.get(language, "en"),
        sections=WRITING if results.get("kind") == text_verdict.KIND else SECTIONS,
        timings=results.get("timings", {}),
        verdict=verdict(results, t),
        method=method(results, t),
        served=served_rung(results, t),
        metric=metric_name(results["choice"]["metric"], t),
        lower=results["choice"].get("lower", False),
        original=original(results["base"]) if "base" in results else "",
        charts=_charts(results, t),
        plots={draw.__name__: draw(results, t) for draw in _PLOTS},
        frontier=charts.frontier(results, t),
        frontiers=frontier_words,
        width=charts.WIDTH,
        height=charts.HEIGHT,
        ladders=ladders,
        findings=findings,
        found=text_findings,
        learning=learning,
        words=words,
        grids=grids,
        tables=grids_data,
        doubts=grids_doubts,
        reasons=reasons,
        numbers=numbers,
        stages=_stages(results),
    )


def _charts(results: Results, t: Translate) -> list[tuple[str | None, Chart]]:
    """The chart of all test rows, then one a language where there are several; all on one axis."""
    metric = results["choice"]["metric"]
    parts = [None, *results["slices"]] if len(results["slices"]) > 1 else [None]
    steps = [rungs(results, t, part) for part in parts]
    axis = scale(steps, metric)
    return [(part, chart(ladder, metric, axis)) for part, ladder in zip(parts, steps, strict=True)]


def _stages(results: Results) -> list[dict[str, Any]]:
    """Each stage with its seconds, its share of the longest, and its artifact where the record names it."""
    seconds = {name: value for name, value in results.get("timings", {}).items() if name != "total"}
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
