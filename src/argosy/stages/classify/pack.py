"""Stage *pack*: the model's folder, complete but for its figures: weights, graphs, tokenizer and ``argosy.json``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.load import FP32, LINEAR, TORCH, ask_probes, load
from argosy.infer.processor import built_on
from argosy.infer.session import cores
from argosy.infer.trial import tune
from argosy.models.licence import judge
from argosy.stages import origin
from argosy.stages.classify import baselines, calibrate, select
from argosy.stages.data import clean, split
from argosy.stages.links import link, link_tree
from argosy.stages.site import Site
from argosy.stages.smaller import pick

_TRIED = 500  # texts that threads and batches are tried on
ONNX = "onnx"  # the folder of the graphs
# Texts whose answers every server checks when it starts: none of the user's, so that the model carries no row of his.
_PROBES = (
    "The delivery was fast and everything was well packed.",
    "It broke after a day, and nobody answers my mails.",
    "物流很快，包装也好，下次还会再来。",
    "质量太差，和图片完全不一样，申请退款也没有人理。",
    "ok",
    "Where is my order no. 20261122-7? 客服一直不回复。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What ``argosy.json`` says of the project."""

    name: str
    task: str
    languages: tuple[str, ...]
    max_length: int
    text_steps: tuple[str, ...]
    data_licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        name=project.name,
        task=project.task,
        languages=tuple(project.languages),
        max_length=resolve(project).max_length,
        text_steps=clean.steps(project),
        data_licence=project.data.licence,
    )
    inputs = ("split", "base", "baselines", "train", "pick", "select", "calibrate")
    return Stage(name="pack", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Put the parts together; files are linked, not copied, where the disk allows it."""
    chosen = pick.chosen(inputs["pick"])
    engines = _engines(chosen, inputs, out)
    for name, engine in engines.items():
        engine["temperature"] = calibrate.temperature(inputs["calibrate"], name)
    began = origin.read(inputs["base"]) or {}
    description: dict[str, Any] = {
        "format": model_folder.FORMAT,
        "name": params.name,
        "task": params.task,
        "labels": split.labels(inputs["split"]),
        "languages": list(params.languages),
        "text_steps": list(params.text_steps),
        "max_length": params.max_length,
        "served": LINEAR if select.served(inputs["select"]) == LINEAR else chosen.name,
        "engines": engines,
        "selective": calibrate.read(inputs["calibrate"])["selective"],
        "base": {key: began[key] for key in ("name", "licence", "non_commercial", "origin", "digest")},
        "data": asdict(judge(params.data_licence)),
        "lineage": {name: path.name for name, path in sorted(inputs.items())},
    }
    model_folder.write(out, description)
    if description["served"] != LINEAR:
        engines[chosen.name] |= _pace(out, chosen.name, split.raw_texts(inputs["split"], _TRIED))
        model_folder.write(out, description)
    model_folder.write(out, {**description, "built_on": built_on(), "probes": ask_probes(out, _PROBES)})


def _pace(folder: Path, name: str, texts: Sequence[str]) -> dict[str, int]:
    """The threads and the tokens of a batch that are fastest here, where they are not the usual ones."""

    def opened(threads: int) -> TransformerClassifier:
        engine = load(folder, name, threads)
        if not isinstance(engine, TransformerClassifier):
            raise TypeError(name)
        return engine

    found = tune(opened, texts, cores=cores())
    return {key: value for key, value in (("threads", found.threads), ("tokens", found.tokens)) if value is not None}


def _engines(chosen: pick.Chosen, inputs: Inputs, out: Path) -> dict[str, dict[str, Any]]:
    """Put the files of every engine in place, weights where they can be mapped, and say how each runs."""
    from argosy.compress.beside import write_beside  # onnx, which an install that only serves has not

    link_tree(inputs["pick"] / pick.CHECKPOINT, out)
    (out / ONNX).mkdir()
    write_beside(inputs["pick"] / pick.GRAPH, out / ONNX / pick.GRAPH)
    link(inputs["baselines"] / baselines.GRAPH, out / ONNX / baselines.GRAPH)
    engines: dict[str, dict[str, Any]] = {
        **({TORCH: {}} if chosen.torch else {}),
        FP32: {"file": f"{ONNX}/{pick.GRAPH}"},
        LINEAR: {"file": f"{ONNX}/{baselines.GRAPH}"},
    }
    if chosen.file is not None:
        graph = inputs["pick"] / chosen.file
        if chosen.runtime == model_folder.ONNXRUNTIME:
            write_beside(graph, out / ONNX / graph.name)
        else:
            for file in model_folder.files_of(graph):
                link(file, out / ONNX / file.name)
        engines[chosen.name] = {"file": f"{ONNX}/{chosen.file}", "runtime": chosen.runtime}
    return engines
