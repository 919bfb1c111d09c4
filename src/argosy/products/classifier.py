"""The classifier: labels for texts, by a tuned Transformer that has to beat a linear model first."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Product, Route, Source
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
    scratch_base,
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
            "read": lambda project, site: read.stage(project, site.folder),
            "clean": lambda project, _: clean.stage(project),
            "dedupe": lambda project, _: dedupe.stage(project),
            "split": lambda project, _: split.stage(project),
            "suspects": lambda project, _: suspects.stage(project),
            "beside": lambda project, site: beside.stage(project, site.folder),
            "base": lambda project, site: (
                scratch_base.stage(project, inexact=site.inexact)
                if project.from_scratch
                else base.stage(project, site.folder, site.cache)
            ),
            "adapt": lambda project, _: adapt.stage(project),
            "augment": lambda project, _: augment.stage(project),
            "baselines": lambda project, _: baselines.stage(project),
            "frozen": lambda project, _: frozen.stage(project),
            "train": lambda project, site: train.stage(project, inexact=site.inexact),
            "export": lambda *_: export.stage(),
            "quantise": lambda project, _: quantise.stage(project),
            "frontier": lambda project, site: frontier.stage(project, site.explore),
            "pick": lambda project, _: pick.stage(project),
            "select": lambda project, _: select.stage(project),
            "calibrate": lambda project, _: calibrate.stage(project),
            "pack": lambda project, _: pack.stage(project),
            "parity": lambda project, site: parity.stage(project, site.serving),
            "evaluate": lambda project, _: evaluate.stage(project),
            "forgetting": lambda project, _: forgetting.stage(project),
            "stress": lambda project, _: stress.stage(project),
            "explain": lambda project, _: explain.stage(project),
            "curve": lambda project, _: curve.stage(project),
            "report": lambda project, _: report.stage(project),
            "model": lambda *_: model.stage(),
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
)
