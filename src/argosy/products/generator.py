"""The generator: a language model from the project's texts, or a pretrained one tuned, which has to beat n-grams."""

from pathlib import Path
from types import MappingProxyType

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.products.product import Alarm, Number, Product, Route, Site, Source
from argosy.stages.data import clean, dedupe, read, split
from argosy.stages.data.figures import of_rows
from argosy.stages.text import base, baselines, evaluate, model, quantise, report, samples, train

_FOLDER = Path(__file__).with_name("samples") / "generate"
_COMPLETIONS = Route(path="/v1/completions", ask='{"prompt": "…"}')
_CHAT = Route(path="/v1/chat/completions", ask='{"messages": [{"role": "user", "content": "…"}]}')


def _train(project: Project, site: Site) -> Stage[train.Params]:
    return train.stage(project, inexact=site.inexact)


PRODUCT = Product(
    about="a model that writes, from texts alone or a pretrained one tuned",
    tasks=("generate",),
    stages=MappingProxyType(
        {
            "read": lambda project, site: read.stage(project, site.folder),
            "clean": lambda project, _: clean.stage(project),
            "dedupe": lambda project, _: dedupe.stage(project),
            "split": lambda project, _: split.stage(project),
            "base": lambda project, site: base.stage(project, site.folder, site.cache),
            "baselines": lambda project, _: baselines.stage(project),
            "train": _train,
            "quantise": lambda project, _: quantise.stage(project),
            "evaluate": lambda project, _: evaluate.stage(project),
            "samples": lambda project, _: samples.stage(project),
            "report": lambda project, site: report.stage(project, _train(project, site).params),
            "model": lambda project, _: model.stage(project),
        }
    ),
    figures=of_rows,
    template=_FOLDER / "argosy.toml",
    sources=(Source(sample=_FOLDER / "texts.csv", columns=("text",)),),
    routes=lambda project: (_COMPLETIONS,) if project.from_scratch else (_CHAT, _COMPLETIONS),
    numbers=(
        Number(name="bits_per_byte", at="served.bits_per_byte", lower=True, unit="bits"),
        Number(name="copied", at="samples.copies.copied", lower=True),
        Number(name="test_documents", at="data.splits.test", unit="documents"),
    ),
    alarms=(
        Alarm(number="test_documents", limit=20, means="so few leave wide intervals, and show no small difference"),
        Alarm(number="copied", limit=0.5, means="the model repeats what it read: ask whether it may say that"),
    ),
    needs=("torch", "transformers"),
    extra="train",
)
