"""The support assistant: answers out of a company's own dialogues and documents, where they are right often enough."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Page, Product, Route, Source
from argosy.stages.support import (
    base,
    calibrate,
    encoder,
    evaluate,
    mine,
    model,
    pack,
    read,
    report,
    reranker,
    split,
    understand,
)

_FOLDER = Path(__file__).with_name("samples") / "support"

PRODUCT = Product(
    about="an assistant that answers customers from your dialogues and documents, or calls a person",
    tasks=("support",),
    stages=MappingProxyType(
        {
            "read": read.stage,
            "mine": mine.stage,
            "split": split.stage,
            "base": base.stage,
            "encoder": encoder.stage,
            "reranker": reranker.stage,
            "intents": understand.stage,
            "calibrate": calibrate.stage,
            "pack": pack.stage,
            "evaluate": evaluate.stage,
            "report": report.stage,
            "model": model.stage,
        }
    ),
    figures=report.data_figures,
    template=_FOLDER / "argosy.toml",
    sources=(
        Source(sample=_FOLDER / "dialogues.jsonl", columns=("text", "speaker", "dialogue", "time")),
        Source(sample=_FOLDER / "returns.md", columns=()),
        Source(sample=_FOLDER / "delivery.zh.md", columns=()),
    ),
    routes=lambda _: (Route(path="/v1/chat/completions", ask='{"messages": [{"role": "user", "content": "…"}]}'),),
    numbers=(
        Number(name="mrr", at="served.mrr"),
        Number(name="hit@1", at="served.hit@1"),
        Number(name="answered", at="guarantee.answered"),
        Number(name="wrong", at="guarantee.wrong", lower=True),
        Number(name="consistency", at="consistency.share"),
        Number(name="p99_ms", at="engines.assistant.p99_ms", lower=True, unit="ms"),
        Number(name="test_rows", at="data.splits.test", unit="rows"),
    ),
    alarms=(
        Alarm(number="test_rows", limit=50, means="so few rows leave wide intervals, and show no small difference"),
        Alarm(number="answered", limit=0.2, means="most questions go to a person: more dialogues or documents help"),
    ),
    needs=("sklearn", "rjieba", "lxml"),
    extra="support,train",
    pages=(Page(path="/model", title="The model", shows=("numbers", "alarms", "ask", "try")),),
)
