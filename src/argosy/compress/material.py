"""What every step of compression takes and gives: a classifier in a folder, and what it may learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from argosy.infer.batches import Floats

LEARNT = {True: 100e9, False: 30e9}
"""Operations a second that a core trains at, with bf16 products and without: what minutes are counted in."""
Tell = Callable[[float, str], None]
"""Hears how far a step is, from 0 to 1, and with what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Rows (text, label) that are clean already; ``validation`` chooses, the test is never here.

    ``teach`` gives the logits [texts, labels] of the model that is compressed, or the mean of several, in the order of
    ``labels``; ``unlabelled`` texts are learnt from by that alone. ``max_length`` is in tokens; ``bf16`` says that the
    processor has products for it.
    """

    labels: Sequence[str]
    teach: Callable[[Sequence[str]], Floats]
    train: Sequence[tuple[str, str]]
    validation: Sequence[tuple[str, str]]
    unlabelled: Sequence[str] = ()
    languages: Sequence[str] = ()
    max_length: int = 128
    seed: int = 7
    bf16: bool = False


class Step(Protocol):
    """Makes a smaller classifier of one."""

    @property
    def name(self) -> str:
        """As reports show it, such as ``6 layers``."""
        ...

    def __call__(self, model: Path, material: Material, out: Path, tell: Tell) -> None:
        """Write the smaller classifier to ``out``; both are transformers folders."""
        ...
