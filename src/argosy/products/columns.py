"""Labels or numbers from columns of numbers, and numbers from texts: no Transformer is tuned for these."""

from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.products.product import Product, Site
from argosy.stages.columns import evaluate, model, report, rungs, select, split
from argosy.stages.data import clean, read


def rows(project: Project, folder: Path) -> list[Stage[Any]]:
    """From the files to the split."""
    return [read.stage(project, folder), clean.stage(project), split.stage(project)]


def stages(project: Project, site: Site) -> list[Stage[Any]]:
    """All stages in the order they run."""
    return [
        *rows(project, site.folder),
        rungs.stage(project),
        select.stage(project),
        evaluate.stage(project),
        report.stage(project),
        model.stage(),
    ]


PRODUCT = Product(
    name="columns",
    rows=rows,
    stages=stages,
    figures=report.data_figures,
    needs=("onnx", "skl2onnx"),
    extra="tabular",
)
