"""The HTML report: one file that needs nothing else, for a phone, a screen or paper."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.core.language import translator
from argosy.report import (
    findings,
    frontier_words,
    learning,
    numbers,
    recommend_verdict,
    support_verdict,
    text_findings,
    text_verdict,
    words,
)
from argosy.report import ladder as ladders
from argosy.report.ladder import Results, Translate, metric_name, original, served_rung, versus_words
from argosy.report.verdict import method, verdict
from argosy.ui import charts, reasons
from argosy.ui.grids import data, doubts, grid, lists
from argosy.web.page import environment

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
ANSWERING = ("data", "support", "certainty", "stages")
"""Those of an assistant."""
RECOMMENDING = ("data", "recommend", "stages")
"""Those of a recommender."""
_OWN = {text_verdict.KIND: WRITING, support_verdict.KIND: ANSWERING, recommend_verdict.KIND: RECOMMENDING}
_TEMPLATES = Path(__file__).with_name("templates")
_PLOTS = (
    charts.lengths,
    charts.confusion,
    charts.reliability,
    charts.risk,
    charts.learning,
    charts.loss,
    charts.validation,
)


def render(results: Mapping[str, Any], language: str) -> str:
    """The report of ``results`` (the record behind ``argosy report --json``) in ``en`` or ``zh``."""
    return page(results, translator(language), language)


def page(results: Results, t: Translate, language: str) -> str:
    """The report with its phrases put through ``t``."""
    template = environment(_TEMPLATES, language, t).get_template("report.html")
    return template.render(
        r=results,
        sections=_OWN.get(str(results.get("kind")), SECTIONS),
        timings=results.get("timings", {}),
        verdict=verdict(results, t),
        method=method(results, t),
        facts=_facts(results, t),
        original=original(results["base"]) if "base" in results else "",
        ladder=charts.ladders(results, t),
        plots={draw.__name__: draw(results, t) for draw in _PLOTS},
        frontier=charts.frontier(results, t),
        frontiers=frontier_words,
        ladders=ladders,
        findings=findings,
        found=text_findings,
        learning=learning,
        words=words,
        grids=grid,
        tables=data,
        doubts=doubts,
        lists=lists,
        reasons=reasons,
        numbers=numbers,
        stages=_stages(results),
    )


def _facts(results: Results, t: Translate) -> list[tuple[str, str, str]]:
    """What is told first: the figure that decides, what is served, how fast, from how many rows."""
    metric, served = results["choice"]["metric"], served_rung(results, t)
    engine = results["engines"].get(results["choice"]["engine"], {})
    size, speed, decides = engine.get("size_mb"), engine.get("texts_per_s"), served.metrics.get(metric)
    name = served.name if results.get("kind") == text_verdict.KIND else results["choice"]["engine"]
    a_second = t("texts/s") if results.get("text", True) else t("rows/s")
    facts = [
        (
            t("{metric} (test)").format(metric=metric_name(metric, t)),
            numbers.figure(metric, decides) if decides else "",
            versus_words(decides["versus"], metric, t) if decides else "",
        ),
        (t("served"), name, "" if size is None else t("{size} MB").format(size=numbers.brief(size))),
        (t("speed on this machine"), "" if speed is None else f"{numbers.rounded(speed, 3)} {a_second}", ""),
        (
            t("rows kept"),
            numbers.count(results["data"]["kept"]),
            t("of {read} read").format(read=numbers.count(results["data"]["read"])),
        ),
    ]
    return [fact for fact in facts if fact[1]]


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
