"""Steps of compression that leave a smaller Transformer: fewer layers, or narrower ones, recovered by distillation."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from argosy.compress.layers import depth, opened, shallow, spread
from argosy.compress.material import Material, Tell
from argosy.compress.recover import MINUTES, recover
from argosy.compress.widths import Batch, magnitude, narrow, taylor
from argosy.core.errors import ProjectError
from argosy.infer.batches import batches
from argosy.infer.tokens import Tokenizer
from argosy.models.checkpoint import save

_JUDGED = 512  # training rows that importance is measured on


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A student of ``keep`` layers that starts from the model's own, evenly spread, the lowest among them.

    ``epochs`` of recovery, or as many as ``minutes`` allow. Raises ProjectError when the model has fewer layers, or is
    of a family whose layers are not known.
    """

    keep: int
    minutes: float = MINUTES
    epochs: int = 0

    @property
    def name(self) -> str:
        """As reports show it."""
        return "1 layer" if self.keep == 1 else f"{self.keep} layers"

    def __call__(self, model: Path, material: Material, out: Path, tell: Tell) -> None:
        """Write the student to ``out``."""

        def cut(place: Path) -> None:
            count = depth(model)
            if not 1 <= self.keep <= count:
                raise _too_many(self.keep, count, model)
            shallow(model, spread(count, self.keep), place)

        _recovered(cut, material, out, tell, minutes=self.minutes, epochs=self.epochs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """The model with a ``share`` of the heads and feed-forward units of each layer: those that matter most.

    ``by`` says what matters: "taylor" the change of the loss on training rows, "magnitude" the norm of the weights.
    Raises ProjectError when the share is not above 0 and at most 1, or the model is of another family.
    """

    share: float
    by: Literal["taylor", "magnitude"] = "taylor"
    minutes: float = MINUTES
    epochs: int = 0

    @property
    def name(self) -> str:
        """As reports show it."""
        return f"{self.share:.0%} of heads and units by {self.by}"

    def __call__(self, model: Path, material: Material, out: Path, tell: Tell) -> None:
        """Write the narrower model to ``out``."""
        _recovered(
            lambda place: thin(model, self.share, self.by, material, place),
            material,
            out,
            tell,
            minutes=self.minutes,
            epochs=self.epochs,
        )


def thin(model: Path, share: float, by: Literal["taylor", "magnitude"], material: Material, out: Path) -> None:
    """Write the model without the heads and units that matter least, not yet recovered."""
    if not 0 < share <= 1:
        raise ProjectError(
            "Expected a share above 0 and at most 1, found {found}.",
            where="share",
            mend="0.5 keeps half of the heads and of the feed-forward units.",
            found=share,
        )
    inner = opened(model).model.train(mode=False)
    scores = magnitude(inner) if by == "magnitude" else taylor(inner, judged(model, material))
    narrow(inner, scores, share)
    save(inner, model, out)


def judged(model: Path, material: Material) -> list[Batch]:
    """Training rows as batches, for what matters to them."""
    tokenizer = Tokenizer.load(model, max_length=material.max_length)
    rows = material.train[:_JUDGED]
    targets = torch.tensor([list(material.labels).index(label) for _, label in rows])
    read = batches(tokenizer.encode([text for text, _ in rows]), pad=tokenizer.pad)
    return [(torch.from_numpy(one.ids), torch.from_numpy(one.mask), targets[list(one.rows)]) for one in read]


def _recovered(
    cut: Callable[[Path], None], material: Material, out: Path, tell: Tell, *, minutes: float, epochs: int
) -> None:
    with tempfile.TemporaryDirectory(prefix="argosy-") as place:
        cut(Path(place))
        recover(Path(place), material, out, tell, minutes=minutes, epochs=epochs)


def _too_many(keep: int, count: int, model: Path) -> ProjectError:
    return ProjectError(
        "Expected 1 to {count} layers to keep, found {keep}.",
        where=str(model),
        mend="Keep at least one layer, and no more than the model has.",
        count=count,
        keep=keep,
    )
