"""A student with some of a Transformer's layers, which starts from their weights."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from argosy.core.errors import ProjectError
from argosy.models.checkpoint import Opened, load, save
from argosy.train.methods.parts import layers_of

FAMILIES = ("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert")


def shallow(model: Path, kept: Sequence[int], out: Path) -> None:
    """Write the classifier in ``model`` with the layers ``kept`` alone (from 0, lowest first) to ``out``.

    Raises ProjectError when the model is of another family than ``FAMILIES``.
    """
    inner: Any = opened(model).model
    layers = layers_of(inner)
    chosen = [layers[number] for number in kept]
    del layers[len(chosen) :]
    for place, layer in enumerate(chosen):
        layers[place] = layer
    inner.config.num_hidden_layers = len(chosen)
    save(inner, model, out)


def spread(layers: int, keep: int) -> tuple[int, ...]:
    """``keep`` of so many layers, evenly spread, the lowest among them.

    >>> spread(12, 4), spread(12, 1), spread(6, 6)
    ((0, 3, 6, 9), (0,), (0, 1, 2, 3, 4, 5))
    """
    return tuple(number * layers // keep for number in range(keep)) if keep else ()


def depth(model: Path) -> int:
    """How many layers the model in the folder has."""
    config = settings(model)
    return int(config.get("num_hidden_layers") or config["n_layers"])


def settings(model: Path) -> dict[str, Any]:
    """The configuration; raises ProjectError for a family whose layers are not known here."""
    config: dict[str, Any] = json.loads((model / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") not in FAMILIES:
        raise ProjectError(
            "Expected a model of one of the families {families}, found {found}.",
            where=str(model),
            mend="Choose a base of these families, or leave its layers and widths as they are.",
            families=", ".join(FAMILIES),
            found=config.get("model_type") or "none",
        )
    return config


def opened(model: Path) -> Opened:
    """The classifier with the labels it has; raises ProjectError for a family whose layers are not known here."""
    names = settings(model).get("id2label") or {}
    labels = [names[number] for number in sorted(names, key=int)]
    return load(model, "labels", labels=labels)
