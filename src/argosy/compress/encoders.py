"""Writes a model that embeds texts as a folder that serves without torch."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from argosy.compress.export import export_encoder
from argosy.core.errors import GateError
from argosy.infer.engines.embed import GRAPH, KIND, open_embedder
from argosy.infer.folder import FORMAT, NAME
from argosy.models.source import Base

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "config.json", "special_tokens_map.json", "README.md")
_PROBES = ("broke after a day", "用了一天就坏了", "What is the capital of France?", "")
_LONGEST = 512
_LEAST = 0.9999  # the cosine of a probe's vectors by torch and by the graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whence a model is: its own name, the base's with its licence, and the data that it learnt from, if any.

    ``prefix`` is what the base wants to stand before a query, empty where it wants nothing.
    """

    name: str
    base: str
    licence: str
    non_commercial: bool
    prefix: str = ""
    data: str = ""

    @classmethod
    def of(cls, base: Base) -> Self:
        """That of a base as it comes, named without its source."""
        from argosy.train.embed import prefix  # torch, which an install that only serves does not have

        return cls(
            name=base.name.rpartition(":")[2].rpartition("/")[2],
            base=base.name,
            licence=base.licence,
            non_commercial=base.non_commercial,
            prefix=prefix(" ".join([base.name, *(step.what for step in base.origin)])),
        )

    @property
    def prefixes(self) -> dict[str, str]:
        """What stands before texts by their role."""
        return {"query": "query: ", "passage": "passage: "} if self.prefix else {}

    def told(self) -> dict[str, Any]:
        """As ``argosy.json`` says it."""
        return {
            "format": FORMAT,
            "name": self.name,
            "base": {"name": self.base, "licence": self.licence, "non_commercial": self.non_commercial},
            "data": {"name": self.data, "non_commercial": False},
        }


def write_encoder(model: Path, out: Path, origin: Origin, *, max_length: int | None = None) -> None:
    """Write the transformers folder ``model`` as the folder ``out`` that ``open_embedder`` opens.

    ``max_length`` None is what the model was made to read. Raises MissingError when it cannot embed, GateError when the
    graph gives other vectors than torch.
    """
    from argosy.train.embed import Encoder

    out.mkdir(parents=True, exist_ok=True)
    copy_tokenizer(model, out)
    export_encoder(model, out / GRAPH)
    length = max_length or longest(model)
    told = {
        **origin.told(),
        "kind": KIND,
        "dimensions": int(_json(model / "config.json")["hidden_size"]),
        "max_length": length,
        "prefixes": origin.prefixes,
        "probes": {},
    }
    probes = [origin.prefix + text for text in _PROBES if origin.prefix + text]
    expected = Encoder(model, max_length=length).embed(probes)
    tell(out, told)
    found = open_embedder(out).embed(probes)
    least = float((found * expected).sum(axis=1).min())
    if not least >= _LEAST:
        raise GateError(
            "The graph gives other vectors than the model in torch: their cosine is {least}.",
            where=origin.base,
            mend="Choose an encoder of the BERT family that takes the mean of its states.",
            least=round(least, 5),
        )
    rows = zip(probes, expected, strict=True)
    tell(out, {**told, "probes": {text: np.round(row, 6).tolist() for text, row in rows}})


def longest(model: Path) -> int:
    """The tokens that the model was made to read."""
    told = _json(model / "sentence_bert_config.json").get("max_seq_length")
    config = _json(model / "config.json")
    positions = int(config.get("max_position_embeddings") or _LONGEST)
    special = 2 if config.get("model_type") in {"roberta", "xlm-roberta", "camembert"} else 0
    return int(told or min(_LONGEST, positions - special))


def copy_tokenizer(model: Path, out: Path) -> None:
    """Take over what reads texts, the configuration and the card."""
    for name in TOKENIZER:
        if (model / name).is_file():
            shutil.copyfile(model / name, out / name)


def tell(out: Path, told: Mapping[str, Any]) -> None:
    """Write what the folder is."""
    (out / NAME).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
