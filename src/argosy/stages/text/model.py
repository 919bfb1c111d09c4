"""Stage *model* of a language model: a folder that transformers loads as it is, with ``argosy.json`` and the cards."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.places import CARD
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.engines.gguf import LLAMA_CPP
from argosy.infer.load import TORCH
from argosy.models.licence import judge
from argosy.report import card, data_card
from argosy.stages.data import clean
from argosy.stages.links import link, link_tree
from argosy.stages.results import load as load_results
from argosy.stages.site import Site
from argosy.stages.text import quantise, train

GGUF = "gguf"  # the folder of the file that llama.cpp reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The text steps that the model was trained behind."""

    text_steps: tuple[str, ...]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(text_steps=clean.steps(project))
    return Stage(name="model", params=params, run=run, inputs=("train", "quantise", "report"), packages=("jinja2",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link the trained folder, describe it, and write the cards."""
    link_tree(inputs["train"] / train.CHECKPOINT, out)
    results, engines = load_results(inputs["report"]), {TORCH: dict[str, str]()}
    file = quantise.served_file(inputs["quantise"])
    if file is not None:
        (out / GGUF).mkdir()
        link(file, out / GGUF / file.name)
        engines[results["choice"]["engine"]] = {"file": f"{GGUF}/{file.name}", "runtime": LLAMA_CPP}
    model_folder.write(out, describe(out, results, params.text_steps, engines))
    (out / CARD).write_text(card.render(results), encoding="utf-8")
    (out / data_card.NAME).write_text(data_card.render(results), encoding="utf-8")


def describe(
    folder: Path, results: dict[str, Any], text_steps: tuple[str, ...], engines: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """What ``argosy.json`` says."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    base = results.get("base")
    keys = ("metrics", "baselines", "against", "slices", "versus_best_baseline", "detectable")
    return {
        "format": model_folder.FORMAT,
        "name": results["name"],
        "task": results["task"],
        "labels": [],
        "languages": results["languages"],
        "text_steps": list(text_steps),
        "max_length": int(config.get("max_position_embeddings", 0)),
        "served": results["choice"]["engine"],
        "engines": engines,
        **(
            {"base": {key: base[key] for key in ("name", "licence", "non_commercial", "origin", "digest")}}
            if base
            else {}
        ),
        "data": asdict(judge(results["data"]["licence"])),
        "metrics": {key: results[key] for key in keys},
        "lineage": results["lineage"],
    }
