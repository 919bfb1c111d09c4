"""The classifier: labels for texts, by a tuned Transformer that has to beat a linear model first."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Page, Product, Route, Source
from argosy.stages.classify import (
    adapt,
    augment,
    base,
    baselines,
    beside,
    calibrate,
    curve,
    evaluate,
    explain,
    export,
    forgetting,
    frozen,
    model,
    pack,
    parity,
    quantise,
    report,
    select,
    stress,
    suspects,
    train,
)
from argosy.stages.data import clean, dedupe, read, split
from argosy.stages.data.figures import of_rows
from argosy.stages.smaller import frontier, pick

_FOLDER = Path(__file__).with_name("samples") / "classify"

PRODUCT = Product(
    about="labels for texts, by a tuned model that has to beat a linear one",
    tasks=("classify",),
    stages=MappingProxyType(
        {
            "read": read.stage,
            "clean": clean.stage,
            "dedupe": dedupe.stage,
            "split": split.stage,
            "suspects": suspects.stage,
            "beside": beside.stage,
            "base": base.stage,
            "adapt": adapt.stage,
            "augment": augment.stage,
            "baselines": baselines.stage,
            "frozen": frozen.stage,
            "train": train.stage,
            "export": export.stage,
            "quantise": quantise.stage,
            "frontier": frontier.stage,
            "pick": pick.stage,
            "select": select.stage,
            "calibrate": calibrate.stage,
            "pack": pack.stage,
            "parity": parity.stage,
            "evaluate": evaluate.stage,
            "forgetting": forgetting.stage,
            "stress": stress.stage,
            "explain": explain.stage,
            "curve": curve.stage,
            "report": report.stage,
            "model": model.stage,
        }
    ),
    figures=of_rows,
    template=_FOLDER / "argosy.toml",
    sources=(Source(sample=_FOLDER / "texts.csv", columns=("text", "label")),),
    routes=lambda _: (Route(path="/v1/classify", ask='{"input": "…"}'),),
    numbers=(
        Number(name="macro_f1", at="served.macro_f1"),
        Number(name="accuracy", at="served.accuracy"),
        Number(name="calibration_error", at="calibration.ece_after", lower=True),
        Number(name="p99_ms", at="engines.http.p99_ms", lower=True, unit="ms"),
        Number(name="test_rows", at="data.splits.test", unit="rows"),
    ),
    alarms=(
        Alarm(number="test_rows", limit=50, means="so few rows leave wide intervals, and show no small difference"),
        Alarm(number="calibration_error", limit=0.1, means="the probabilities say too much: set no threshold on them"),
    ),
    needs=("torch", "transformers", "onnx", "skl2onnx", "captum"),
    extra="train",
    pages=(Page(path="/model", title="The model", shows=("numbers", "alarms", "ask", "try")),),
)
