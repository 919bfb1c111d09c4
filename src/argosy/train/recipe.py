"""What a training is told and what it tells: plain records, readable without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from argosy.core.errors import ArgosyError, ProjectError, raise_all
from argosy.core.notes import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a training depends on besides its objective and its rows.

    ``trains`` says what changes: everything but what is ``frozen`` (the share of the lower layers), the head alone, or
    LoRA adapters (Hu et al. 2021) that are merged at the end, and stored beside where ``lora_stored``.
    ``frozen_embeddings`` None leaves it to the objective: one that puts a head on a base keeps them, one that learns
    words trains them.
    ``decay`` "decoupled" is AdamW's, "l2" adds to the gradient. ``dropout`` None is the base's own. ``patience`` is how
    many evaluations may pass without a gain (0: all epochs run), ``ema`` the share that an average of the weights keeps
    at each step (0: off), ``clip`` the largest norm of the gradient (0: off), ``accumulate`` the parts that a batch is
    computed in, ``warmup`` the share of the steps over which the rate rises. ``epsilon`` and ``ascents`` belong to
    ``adversarial``; ``r_drop`` weighs the difference of two passes (0: off). ``device`` "auto" is a GPU where one is.
    ``continual`` holds what the base learnt before: a ``share`` of old rows comes again, or with ``strength`` the
    weights are held near where they were (EWC, L2-SP).
    """

    epochs: int = 3
    batch_size: int = 16
    learning_rate: float = 1e-4
    max_length: int = 128
    seed: int = 7
    bf16: bool = False
    device: Literal["auto", "cpu", "cuda"] = "auto"
    trains: Literal["full", "head", "lora"] = "full"
    frozen: float = 0.0
    frozen_embeddings: bool | None = None
    lora_rank: int = 8
    lora_alpha: float = 16.0
    lora_stored: bool = False
    dropout: float | None = None
    label_smoothing: float = 0.0
    class_weights: bool = False
    weight_decay: float = 0.01
    decay: Literal["decoupled", "l2"] = "decoupled"
    warmup: float = 0.1
    clip: float = 1.0
    accumulate: int = 1
    ema: float = 0.0
    patience: int = 0
    adversarial: Literal["off", "fgm", "pgd", "freelb"] = "off"
    epsilon: float = 0.1
    ascents: int = 3
    r_drop: float = 0.0
    continual: Literal["none", "replay", "ewc", "l2_sp"] = "none"
    share: float = 0.2
    strength: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came out: ``history`` has one (mean training loss, validation score) an evaluation.

    ``trained`` and ``parameters`` count weights, ``groups`` the same by part of the model as (trained, all).
    ``tokens`` are those of the training rows read once; ``tokens_per_second`` counts all that were trained on over the
    seconds of training, evaluation included. ``notes`` can be said in either language.
    """

    best_epoch: int
    history: tuple[tuple[float, float], ...]
    trained: int
    parameters: int
    tokens: int
    best_step: int = 0
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tokens_per_second: float = 0.0
    notes: tuple[Note, ...] = ()


_CHOICES = {
    "device": ("auto", "cpu", "cuda"),
    "trains": ("full", "head", "lora"),
    "decay": ("decoupled", "l2"),
    "adversarial": ("off", "fgm", "pgd", "freelb"),
    "continual": ("none", "replay", "ewc", "l2_sp"),
}
_AT_LEAST_ONE = ("epochs", "batch_size", "max_length", "lora_rank", "accumulate", "ascents")
_SHARES = ("frozen", "label_smoothing", "warmup", "ema", "dropout", "share")
_NOT_NEGATIVE = ("weight_decay", "patience", "r_drop", "clip")
_ABOVE_ZERO = ("lora_alpha", "epsilon", "strength", "share")
_WHOLE = ("frozen", "warmup")  # the shares that may be 1


def check(recipe: Recipe) -> None:
    """Raise ProjectError with every setting that cannot be meant, all at once."""
    problems: list[ArgosyError] = []
    if not 0 < recipe.learning_rate < 1:
        problems.append(
            ProjectError(
                "The learning rate is {found}; nothing is learnt at 0, and at 1 or more every training diverges.",
                where="learning_rate",
                mend="Usual values: 1e-5 to 1e-4 for all layers, 1e-4 to 1e-3 for LoRA, a head or a small new model.",
                found=recipe.learning_rate,
            )
        )
    for name, choices in _CHOICES.items():
        if getattr(recipe, name) not in choices:
            problems.append(_unknown(name, getattr(recipe, name), choices))
    for name, low, high in _bounds(recipe):
        problems.append(
            ProjectError(
                "Expected {low} to {high}, found {found}.",
                where=name,
                mend="Change the setting, or leave it out to have its default.",
                low=low,
                high=high,
                found=getattr(recipe, name),
            )
        )
    raise_all(problems)


def _bounds(recipe: Recipe) -> list[tuple[str, str, str]]:
    """(setting, least, most) of those outside."""
    found = [(name, "1", "∞") for name in _AT_LEAST_ONE if not getattr(recipe, name) >= 1]
    for name in _SHARES:
        value = getattr(recipe, name)
        if value is not None and not (0 <= value < 1 or (value == 1 and name in _WHOLE)):
            found.append((name, "0", "1" if name in _WHOLE else "0.999…"))
    found += [(name, "0", "∞") for name in _NOT_NEGATIVE if not getattr(recipe, name) >= 0]
    return found + [(name, ">0", "∞") for name in _ABOVE_ZERO if not getattr(recipe, name) > 0]


def _unknown(name: str, found: object, choices: tuple[str, ...]) -> ProjectError:
    return ProjectError(
        "Expected one of {choices}, found {found!r}.",
        where=name,
        mend="Correct the spelling.",
        choices=", ".join(choices),
        found=found,
    )
