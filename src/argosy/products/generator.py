"""The generator: a language model from the project's texts, or a pretrained one tuned, which has to beat n-grams."""

from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.products.product import Product, Site
from argosy.stages.classify.report import data_figures
from argosy.stages.data import clean, dedupe, read, split
from argosy.stages.text import base, baselines, evaluate, model, quantise, report, samples, train


def rows(project: Project, folder: Path) -> list[Stage[Any]]:
    """From the files to the split: a row is a document, or a question with its answer."""
    return [read.stage(project, folder), clean.stage(project), dedupe.stage(project), split.stage(project)]


def stages(project: Project, site: Site) -> list[Stage[Any]]:
    """All stages in the order they run."""
    trained = train.stage(project, inexact=site.inexact)
    return [
        *rows(project, site.folder),
        base.stage(project, site.folder, site.cache),
        baselines.stage(project),
        trained,
        quantise.stage(project),
        evaluate.stage(project),
        samples.stage(project),
        report.stage(project, trained.params),
        model.stage(project),
    ]


PRODUCT = Product(
    name="generator",
    rows=rows,
    stages=stages,
    figures=data_figures,
    needs=("torch", "transformers"),
    extra="train",
)
