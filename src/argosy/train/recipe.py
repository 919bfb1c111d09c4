"""What a fine-tuning is told and what it tells: plain records, readable without torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a fine-tuning depends on besides its rows; ``frozen`` is the share of the lower layers that stay."""

    epochs: int
    batch_size: int
    learning_rate: float
    max_length: int
    frozen: float
    seed: int
    bf16: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came out: ``history`` has one (mean training loss, validation score) an epoch."""

    best_epoch: int
    history: tuple[tuple[float, float], ...]
    trained: int
    parameters: int
    tokens: int
