"""Labels or numbers from columns of numbers, and numbers from texts: no Transformer is tuned for these."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Product, Source
from argosy.stages.columns import evaluate, model, report, rungs, select, split
from argosy.stages.data import clean, read

_FOLDER = Path(__file__).with_name("samples") / "columns"

PRODUCT = Product(
    about="labels or numbers from columns of numbers, and numbers from texts",
    tasks=("regress", "classify"),
    stages=MappingProxyType(
        {
            "read": read.stage,
            "clean": clean.stage,
            "split": split.stage,
            "rungs": rungs.stage,
            "select": select.stage,
            "evaluate": evaluate.stage,
            "report": report.stage,
            "model": model.stage,
        }
    ),
    figures=report.data_figures,
    template=_FOLDER / "argosy.toml",
    sources=(Source(sample=_FOLDER / "deliveries.csv", columns=("kilometres", "items", "weight", "hour", "minutes")),),
    routes=lambda _: (),
    numbers=(
        Number(name="mae", at="served.mae", lower=True),
        Number(name="r2", at="served.r2"),
        Number(name="macro_f1", at="served.macro_f1"),
        Number(name="accuracy", at="served.accuracy"),
        Number(name="test_rows", at="data.splits.test", unit="rows"),
    ),
    alarms=(
        Alarm(number="test_rows", limit=50, means="so few rows leave wide intervals, and show no small difference"),
        Alarm(number="r2", limit=0.1, means="the columns say next to nothing about the number"),
    ),
    needs=("onnx", "skl2onnx"),
    extra="tabular",
)
