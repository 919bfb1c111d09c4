"""The recommender: lists of items for users, by what they did and by what items say."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Page, Product, Route, Source
from argosy.stages.recommend import base, events, measure, model, rank, report, text, tune

_FOLDER = Path(__file__).with_name("samples") / "recommend"

PRODUCT = Product(
    about="a recommender: items for each user, by what they did and by what items say, measured without leaks",
    tasks=("recommend",),
    stages=MappingProxyType(
        {
            "events": events.stage,
            "tune": tune.stage,
            "base": base.stage,
            "interest": text.stage,
            "rank": rank.stage,
            "measure": measure.stage,
            "report": report.stage,
            "model": model.stage,
        }
    ),
    figures=report.data_figures,
    template=_FOLDER / "argosy.toml",
    sources=(
        Source(
            sample=_FOLDER / "items.csv",
            columns=("title", "item", "description", "tags", "price", "added"),
            recent="added",
        ),
        Source(sample=_FOLDER / "events.csv", columns=("user", "item", "type", "time"), recent="time"),
    ),
    routes=lambda _: (Route(path="/v1/recommend", ask='{"user": "…", "n": 10}'),),
    numbers=(
        Number(name="ndcg@10", at="served.ndcg@10"),
        Number(name="hit@10", at="served.hit@10"),
        Number(name="recall@10", at="served.recall@10"),
        Number(name="p99_ms", at="engines.system.p99_ms", lower=True, unit="ms"),
        Number(name="test_users", at="asked", unit="users"),
    ),
    alarms=(
        Alarm(number="test_users", limit=100, means="so few users leave wide intervals, and show no small difference"),
    ),
    needs=("lightgbm", "implicit"),
    extra="recommend,train",
    pages=(Page(path="/model", title="The model", shows=("numbers", "alarms", "ask")),),
    checked="events",
)
