"""Stage *export*: the checkpoint as an ONNX graph in fp32, made in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

from argosy.compress.export import export
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.classify import train
from argosy.stages.site import Site

GRAPH = "model.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Nothing to set."""


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    packages = ("torch", "transformers", "onnx", "onnxscript", "onnxruntime")
    return Stage(name="export", params=Params(), run=run, inputs=("train",), packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Export."""
    export(inputs["train"] / train.CHECKPOINT, out / GRAPH)
