"""The smaller models that are worth trying for a classifier, most promising first, and what each will take.

What a training takes is counted in operations, as its epochs are, so that the same project on the same machine tries
the same models whatever else the machine does.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from argosy.compress.material import LEARNT, Material, Step
from argosy.core.extension import find
from argosy.core.stage import Tell
from argosy.infer.session import cores
from argosy.infer.tokens import Tokenizer
from argosy.stages.links import link, link_tree
from argosy.stages.smaller.exploring import CHECKPOINT, GRAPH, Candidate

TUNED = "tuned"  # the model before
STATIC = "static"
_ASKED = 60e9  # the same in ONNX Runtime, in fp32
_EPOCHS = (2, 10)  # of a student
_SHARE = 0.25  # of the time that one student may learn for
_FIXED = 45.0  # seconds of a student's export and its smaller graphs
_WIDTH = 384  # of a model that does not say
_STATIC = 0.005  # seconds a text
_PASSES = 6  # times that the gates read their texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The model to compress (``checkpoint`` and ``graph``), what may be learnt from, and how long all may take.

    ``chosen`` is the smaller graph that it has already: a file, or None. ``texts`` is the number that the gates read.
    """

    checkpoint: Path
    graph: Path
    chosen: Path | None
    material: Material
    seconds: float
    texts: int


Compressor = Callable[[Work], Iterable[Candidate]]
"""What is worth trying, most promising first."""


def tuned(work: Work) -> Candidate:
    """The model before, which is there already."""

    def make(folder: Path, tell: Tell) -> None:
        tell(0.0, "")
        link_tree(work.checkpoint, folder / CHECKPOINT)
        link(work.graph, folder / GRAPH)
        if work.chosen is not None:
            link(work.chosen, folder / work.chosen.name)

    smaller = () if work.chosen is None else (work.chosen.stem,)
    return Candidate(name=TUNED, steps=(), seconds=0.0, make=make, smaller=smaller)


def students(work: Work, compressors: Iterable[str]) -> list[Candidate]:
    """What the compressors of these names propose, in their order."""
    return [one for name in compressors for one in find("compressors", name, COMPRESSORS)(work)]


def student(work: Work, steps: Sequence[Step], epochs: int, seconds: float) -> Candidate:
    """What becomes of the model before by the ``steps``, in about so many ``seconds``; named after the last of them."""
    from argosy.compress.trim import Vocabulary

    every: list[Step] = [Vocabulary(), *steps]  # first, so that a student learns from the pieces it will read

    def make(folder: Path, tell: Tell) -> None:
        from argosy.compress.export import export

        with tempfile.TemporaryDirectory(dir=folder) as aside:
            model = work.checkpoint
            for number, step in enumerate(every):
                step(model, work.material, Path(aside) / str(number), tell)
                model = Path(aside) / str(number)
            model.rename(folder / CHECKPOINT)
        export(folder / CHECKPOINT, folder / GRAPH)

    names = tuple(step.name for step in every)
    return Candidate(name=names[-1], steps=names, seconds=seconds, make=make, epochs=epochs)


def reading(work: Work, texts: int) -> float:
    """The seconds in which the model before reads so many texts."""
    tokens, operations, _ = _sizes(work)
    return texts * tokens * operations / 3 / (_ASKED * cores())


def _trimmed(work: Work) -> Iterator[Candidate]:
    yield student(work, [], 0, _FIXED + _PASSES * reading(work, work.texts))


def _layers(work: Work) -> Iterator[Candidate]:
    from argosy.compress.prune import Layers

    _, _, depth = _sizes(work)
    for keep in dict.fromkeys((-(-depth // 3), -(-depth // 4), depth // 2, depth // 6)):
        if 0 < keep < depth:
            epochs, seconds = _training(work, keep / depth)
            yield student(work, [Layers(keep=keep, epochs=epochs)], epochs, seconds)


def _widths(work: Work) -> Iterator[Candidate]:
    from argosy.compress.prune import Width

    epochs, seconds = _training(work, 0.5)
    yield student(work, [Width(share=0.5, epochs=epochs)], epochs, seconds)
    yield student(work, [Width(share=0.5, by="magnitude", epochs=epochs)], epochs, seconds)


def _static(work: Work) -> Iterator[Candidate]:
    def make(folder: Path, tell: Tell) -> None:
        from argosy.compress.static import WEIGHTS, static

        static(work.checkpoint, work.material, folder / CHECKPOINT, tell)
        (folder / CHECKPOINT / GRAPH).rename(folder / GRAPH)
        (folder / CHECKPOINT / WEIGHTS).unlink()

    seconds = _STATIC * len(_texts(work.material))
    yield Candidate(name=STATIC, steps=(STATIC,), seconds=seconds, make=make, smaller=(), torch=False)


def _training(work: Work, share: float) -> tuple[int, float]:
    """The epochs that a student with this share of the layers learns for, and the seconds that all of it takes."""
    tokens, operations, _ = _sizes(work)
    rate = LEARNT[work.material.bf16] * cores()
    epoch = len(_texts(work.material)) * tokens * operations * share / rate
    least, most = _EPOCHS
    epochs = min(max(int(_SHARE * work.seconds / epoch), least), most)
    return epochs, epochs * epoch + _FIXED + share * _PASSES * reading(work, work.texts)


def _sizes(work: Work) -> tuple[float, float, int]:
    """Tokens a text, operations that learning takes for one (two a weight forwards, four backwards), and layers."""
    config = json.loads((work.checkpoint / "config.json").read_text(encoding="utf-8"))
    width = int(config.get("hidden_size") or config.get("dim") or _WIDTH)
    inner = int(config.get("intermediate_size") or config.get("hidden_dim") or 4 * width)
    layers = int(config.get("num_hidden_layers") or config.get("n_layers") or 1)
    some = _texts(work.material)[:500]
    read = Tokenizer.load(work.checkpoint, max_length=work.material.max_length).encode(some)
    return sum(map(len, read)) / len(read), 6 * layers * (4 * width**2 + 2 * width * inner), layers


def _texts(material: Material) -> list[str]:
    return [*(text for text, _ in material.train), *material.unlabelled]


COMPRESSORS: Mapping[str, Compressor] = MappingProxyType(
    {STATIC: _static, "layers": _layers, "vocabulary": _trimmed, "widths": _widths}
)
"""The static table, which takes little, fewer layers, only pieces in use, and narrower layers, also by norms."""
