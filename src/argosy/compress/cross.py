"""A model that reads a query and a document together: begun from the lowest layers of a base, written to serve."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argosy.compress.encoders import Origin, copy_tokenizer, tell
from argosy.compress.export import export
from argosy.core.errors import GateError
from argosy.infer.engines.cross import GRAPH, KIND, LABELS, open_reranker

_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_TYPES = "token_type_embeddings.weight"
_LARGEST = 1e-3  # of the gap between a probe's relevance by torch and by the graph
Pair = tuple[str, str]


def lowest(base: Path, layers: int, out: Path) -> None:
    """Write the encoder in ``base`` with its lowest ``layers`` layers alone to ``out``.

    The numbers that tell the texts of a pair apart become one: the token between the texts does that too, and the
    graph has an input less.
    """
    from safetensors.numpy import load_file, save_file

    config: dict[str, Any] = json.loads((base / "config.json").read_text(encoding="utf-8"))
    weights = {}
    for path in sorted(base.glob("*.safetensors")):
        for name, values in load_file(path).items():
            found = _LAYER.search(name)
            if found is None or int(found[1]) < layers:
                weights[name] = values[:1].copy() if name.endswith(_TYPES) else values
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config |= {name: layers for name in ("num_hidden_layers", "n_layers") if name in config}
    config |= {"type_vocab_size": 1} if "type_vocab_size" in config else {}
    copy_tokenizer(base, out)
    (out / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")


def write_reranker(model: Path, out: Path, origin: Origin, *, max_length: int, probes: Sequence[Pair]) -> None:
    """Write the classifier of pairs in ``model`` as the folder ``out`` that ``open_reranker`` opens.

    Its labels are those of ``argosy.infer.engines.cross``. Raises GateError when the graph judges a probe otherwise
    than torch.
    """
    out.mkdir(parents=True, exist_ok=True)
    copy_tokenizer(model, out)
    export(model, out / GRAPH)
    told: dict[str, Any] = {**origin.told(), "kind": KIND, "max_length": max_length, "probes": []}
    tell(out, told)
    expected = _by_torch(model, probes, max_length)
    engine = open_reranker(out)
    found = np.array([float(engine.relevance(query, [document])[0]) for query, document in probes])
    gap = float(np.abs(found - expected).max())
    if not gap <= _LARGEST:
        raise GateError(
            "The graph judges pairs otherwise than the model in torch: a relevance is off by {gap}.",
            where=origin.base,
            mend="Choose an encoder of the BERT family.",
            gap=round(gap, 5),
        )
    kept = [
        {"query": query, "document": document, "relevance": round(float(value), 6)}
        for (query, document), value in zip(probes, expected, strict=True)
    ]
    tell(out, {**told, "probes": kept})


def _by_torch(model: Path, pairs: Sequence[Pair], max_length: int) -> np.ndarray:
    from argosy.train.objectives.classify import Classify
    from argosy.train.predict import Predictor
    from argosy.train.recipe import Recipe

    predictor = Predictor(Classify(labels=LABELS), model, Recipe(max_length=max_length, device="cpu"))
    said: np.ndarray = predictor.answers(list(pairs))[:, LABELS.index("right")]
    return said
