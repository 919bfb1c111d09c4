"""The classifier: labels for texts, by a tuned Transformer that has to beat a linear model first."""

from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.products.product import Product, Site
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
from argosy.stages.smaller import frontier, pick


def rows(project: Project, folder: Path) -> list[Stage[Any]]:
    """From the files to the split."""
    return [read.stage(project, folder), clean.stage(project), dedupe.stage(project), split.stage(project)]


def stages(project: Project, site: Site) -> list[Stage[Any]]:
    """All stages in the order they run; the base model is converted here when its copy is not in the cache."""
    scratch = project.from_scratch
    return [
        *rows(project, site.folder),
        suspects.stage(project),
        beside.stage(project, site.folder),
        scratch_base.stage(project, inexact=site.inexact) if scratch else base.stage(project, site.folder, site.cache),
        adapt.stage(project),
        augment.stage(project),
        baselines.stage(project),
        frozen.stage(project),
        train.stage(project, inexact=site.inexact),
        export.stage(),
        quantise.stage(project),
        frontier.stage(project, site.explore),
        pick.stage(project),
        select.stage(project),
        calibrate.stage(project),
        pack.stage(project),
        parity.stage(project, site.serving),
        evaluate.stage(project),
        forgetting.stage(project),
        stress.stage(project),
        explain.stage(project),
        curve.stage(project),
        report.stage(project),
        model.stage(),
    ]


PRODUCT = Product(
    name="classifier",
    rows=rows,
    stages=stages,
    figures=report.data_figures,
    needs=("torch", "transformers", "onnx", "skl2onnx", "captum"),
    extra="train",
)
