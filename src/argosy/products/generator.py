"""The generator: a language model from the project's texts, or a pretrained one tuned, which has to beat n-grams."""

from pathlib import Path
from types import MappingProxyType

from argosy.products.product import Alarm, Number, Page, Product, Route, Source
from argosy.stages.data import clean, dedupe, read, split
from argosy.stages.data.figures import of_rows
from argosy.stages.text import base, baselines, evaluate, model, quantise, report, samples, train

_FOLDER = Path(__file__).with_name("samples") / "generate"
_COMPLETIONS = Route(path="/v1/completions", ask='{"prompt": "…"}')
_CHAT = Route(path="/v1/chat/completions", ask='{"messages": [{"role": "user", "content": "…"}]}')


PRODUCT = Product(
    about="a model that writes, from texts alone or a pretrained one tuned",
    tasks=("generate",),
    stages=MappingProxyType(
        {
            "read": read.stage,
            "clean": clean.stage,
            "dedupe": dedupe.stage,
            "split": split.stage,
            "base": base.stage,
            "baselines": baselines.stage,
            "train": train.stage,
            "quantise": quantise.stage,
            "evaluate": evaluate.stage,
            "samples": samples.stage,
            "report": report.stage,
            "model": model.stage,
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
    pages=(Page(path="/model", title="The model", shows=("numbers", "alarms", "ask", "try")),),
)
