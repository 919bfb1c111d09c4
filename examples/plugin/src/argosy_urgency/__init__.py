"""A product for Argosy: how many hours a message may wait, learnt from messages that were answered."""

from dataclasses import replace
from pathlib import Path

from argosy.core.extension import Extension
from argosy.products import columns
from argosy.products.product import Alarm, Number, Page, Source
from argosy_urgency import words

FOLDER = Path(__file__).with_name("sample")
BUILT_IN = columns.PRODUCT.stages  # numbers from texts, by the ladder of small models

PRODUCT = replace(
    columns.PRODUCT,
    about="how many hours a message may wait for its answer",
    tasks=("regress",),
    stages={
        **{name: make for name, make in BUILT_IN.items() if name not in {"report", "model"}},
        "words": words.stage,
        "report": BUILT_IN["report"],
        "model": BUILT_IN["model"],
    },
    template=FOLDER / "argosy.toml",
    sources=(Source(sample=FOLDER / "messages.csv", columns=("message", "hours")),),
    numbers=(
        Number(name="mae", at="served.mae", lower=True, unit="hours"),
        Number(name="spearman", at="served.spearman"),
    ),
    alarms=(Alarm(number="mae", limit=8, means="messages would wait for a working day too long"),),
    pages=(Page(path="/urgency", title="How long messages wait", shows=("numbers", "alarms")),),
)
EXTENSION = Extension(name="urgency", products={"urgency": PRODUCT})
