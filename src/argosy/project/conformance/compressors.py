"""What a compressor must keep to: what it proposes is made, opens without torch, and knows the same labels."""

import math
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from argosy.core.errors import ArgosyError, MissingError, ProjectError
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.tokens import Tokenizer
from argosy.project.conformance import tiny
from argosy.project.conformance.problem import Check, failed
from argosy.stages.smaller.exploring import CHECKPOINT, GRAPH, Candidate
from argosy.stages.smaller.students import Compressor, Work


def check_candidates(name: str, compressor: Compressor) -> Iterator[ProjectError]:
    """Every model that is proposed for a tiny classifier is named, priced in seconds, made, and answers as asked."""
    if find_spec("torch") is None:
        raise MissingError("Compressors need torch, which is not installed.", mend="pip install 'argosy[train]'")
    with tempfile.TemporaryDirectory() as folder:
        work = tiny.work(Path(folder))
        try:
            proposed = list(compressor(work))
        except Exception as error:  # noqa: BLE001 - the code of others
            yield failed(name, "a tiny classifier", error)
            return
        names = [one.name for one in proposed]
        if not names or len(set(names)) < len(names) or not all(0 < one.seconds < math.inf for one in proposed):
            yield ProjectError(
                "The compressor {name!r} proposes {names}; each has a name of its own and takes some seconds.",
                mend="Propose at least one model for a classifier of four layers.",
                name=name,
                names=", ".join(names) or "-",
            )
            return
        for number, one in enumerate(proposed):
            yield from _made(name, one, work, Path(folder) / f"made-{number}")


def _made(name: str, candidate: Candidate, work: Work, folder: Path) -> Iterator[ProjectError]:
    folder.mkdir()
    try:
        candidate.make(folder, _unheard)
    except Exception as error:  # noqa: BLE001 - the code of others
        yield failed(name, candidate.name, error)
        return
    try:
        tokenizer = Tokenizer.load(folder / CHECKPOINT, max_length=work.material.max_length)
        engine = open_onnx(folder / GRAPH, name=name, tokenizer=tokenizer, labels=work.material.labels, text_steps=())
        logits = engine.logits([text for text, _ in work.material.validation])
    except (ArgosyError, OSError, RuntimeError, ValueError) as error:
        yield failed(name, candidate.name, error)
        return
    expected = (len(work.material.validation), len(work.material.labels))
    if logits.shape != expected or not np.isfinite(logits).all():
        yield ProjectError(
            "What {name!r} makes ({candidate}) answers with {found} figures; {expected} are expected, each a number.",
            mend="Write the graph with one logit a label, in the order of the labels.",
            name=name,
            candidate=candidate.name,
            found=logits.shape,
            expected=expected,
        )


def _unheard(share: float, note: str) -> None:
    """Nobody listens."""
    del share, note


CHECKS: tuple[Check, ...] = (check_candidates,)
