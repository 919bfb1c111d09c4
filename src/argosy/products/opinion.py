"""The opinion monitor: what is said of whom, on which topic and how it is felt, with alarms that keep a contract."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from argosy.config.schema import Project
from argosy.products import classifier
from argosy.products.product import Alarm, Number, Page, Product, Route, Source
from argosy.stages.opinion import measure, model, parts, posts, report

_FOLDER = Path(__file__).with_name("samples") / "opinion"


def _classifier(name: str) -> Product:
    """The classifier, beginning with the sample of one of the monitor's two models."""
    source = Source(sample=_FOLDER / name / "texts.csv", columns=("text", "label"))
    return replace(classifier.PRODUCT, template=_FOLDER / name / "argosy.toml", sources=(source,))


def _first(project: Project) -> tuple[str, ...]:
    wanted = (project.opinion.sentiment, project.opinion.topic)
    return tuple(dict.fromkeys(place for place in wanted if place))


PRODUCT = Product(
    about="a monitor of what is said of whom: topics, sentiment, and alarms when the negative surges",
    tasks=("opinion",),
    stages=MappingProxyType(
        {
            "posts": posts.stage,
            "parts": parts.stage,
            "measure": measure.stage,
            "report": report.stage,
            "model": model.stage,
        }
    ),
    figures=report.data_figures,
    template=_FOLDER / "argosy.toml",
    sources=(Source(sample=_FOLDER / "posts.jsonl", columns=("text", "time"), recent="time"),),
    routes=lambda _: (Route(path="/v1/opinion/texts", ask='{"text": "…"}'),),
    numbers=(
        Number(name="macro_f1", at="served.macro_f1"),
        Number(name="accuracy", at="served.accuracy"),
        Number(name="topic_f1", at="opinion.topic.served.macro_f1"),
        Number(name="calibration_error", at="calibration.ece_after", lower=True),
        Number(name="p99_ms", at="engines.http.p99_ms", lower=True, unit="ms"),
        Number(name="test_rows", at="data.splits.test", unit="rows"),
    ),
    alarms=(
        Alarm(number="test_rows", limit=200, means="of so few rows the errors are hardly known: intervals are wide"),
        Alarm(number="calibration_error", limit=0.1, means="the probabilities say too much: set no threshold on them"),
    ),
    needs=classifier.PRODUCT.needs,
    extra="opinion,train",
    pages=(Page(path="/model", title="The model", shows=("numbers", "alarms", "ask", "try")),),
    beside=MappingProxyType({name: _classifier(name) for name in (parts.SENTIMENT, parts.TOPIC)}),
    first=_first,
    checked="posts",
)
