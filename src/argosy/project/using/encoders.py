"""Writes a base model that embeds texts as a folder that serves without torch."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.artifact import MANIFEST, writing
from argosy.core.errors import GateError
from argosy.infer.engines.embed import GRAPH, KIND, open_embedder
from argosy.infer.folder import FORMAT, NAME
from argosy.models.source import Base, resolve

_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "config.json", "special_tokens_map.json", "README.md")
_PROBES = ("broke after a day", "用了一天就坏了", "What is the capital of France?", "")
_LONGEST = 512
_LEAST = 0.9999  # the cosine of a probe's vectors by torch and by the graph


def encoder(model: str, folder: Path, cache: Path) -> Path:
    """The folder of an encoder in ``cache``, written now where it is not there yet.

    ``model`` is named as in ``[base]``: ``package:NAME``, a folder relative to ``folder``, a hub id. Raises
    MissingError when it is not there or cannot embed, GateError when the graph gives other vectors than torch.
    """
    base = resolve(model, folder, cache)
    store, kind = cache / "encoders", f"encoder-1-{base.digest[:16]}"
    whole = [path for path in sorted(store.glob(f"{kind}-*")) if (path / MANIFEST).is_file()]
    if whole:
        return whole[0]
    with writing(store, kind) as draft:
        write_encoder(base, draft.path)
    return draft.artifact.path


def write_encoder(base: Base, out: Path) -> None:
    """Write the folder ``out``; raises as ``encoder``."""
    from argosy.compress.export import export_encoder
    from argosy.train.embed import Encoder, prefix

    out.mkdir(parents=True, exist_ok=True)
    for name in _TOKENIZER:
        if (base.path / name).is_file():
            shutil.copyfile(base.path / name, out / name)
    export_encoder(base.path, out / GRAPH)
    asking = prefix(" ".join([base.name, *(step.what for step in base.origin)]))
    length = _max_length(base.path)
    told: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "name": base.name.rpartition(":")[2].rpartition("/")[2],
        "dimensions": int(_json(base.path / "config.json")["hidden_size"]),
        "max_length": length,
        "prefixes": {"query": "query: ", "passage": "passage: "} if asking else {},
        "base": {"name": base.name, "licence": base.licence, "non_commercial": base.non_commercial},
        "data": {"name": "", "non_commercial": False},
        "probes": {},
    }
    probes = [asking + text for text in _PROBES if asking + text]
    expected = Encoder(base.path, max_length=length).embed(probes)
    _tell(out, told)
    found = open_embedder(out).embed(probes)
    least = float((found * expected).sum(axis=1).min())
    if not least >= _LEAST:
        raise GateError(
            "The graph gives other vectors than the model in torch: their cosine is {least}.",
            where=base.name,
            mend="Choose an encoder of the BERT family that takes the mean of its states.",
            least=round(least, 5),
        )
    _tell(
        out, {**told, "probes": {text: np.round(row, 6).tolist() for text, row in zip(probes, expected, strict=True)}}
    )


def _max_length(folder: Path) -> int:
    """The tokens that the model was made to read."""
    told = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    positions = int(_json(folder / "config.json").get("max_position_embeddings") or _LONGEST)
    special = 2 if _json(folder / "config.json").get("model_type") in {"roberta", "xlm-roberta", "camembert"} else 0
    return int(told or min(_LONGEST, positions - special))


def _tell(out: Path, told: dict[str, Any]) -> None:
    (out / NAME).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
