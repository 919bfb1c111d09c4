"""What treating the suspected labels would do to a model, measured on validation rows before anything is applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from argosy.core.records import Dropped, Example
from argosy.data.labels.mislabelled import Suspect, drop, relabel
from argosy.evaluate.ablation import Fit, label_numbers
from argosy.evaluate.metrics import Integers
from argosy.evaluate.paired import Difference, compare

KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The validation predictions [rows] of a model of the treated ``rows``; ``difference`` is treated less untreated.

    ``helps`` says that the 95 % interval lies above 0. The validation labels are as they were given: errors among them
    that follow the same rule as those of the training rows make a treatment look worse than it is.
    """

    treatment: str
    rows: int
    predicted: Integers
    difference: Difference | None

    @property
    def helps(self) -> bool:
        """Whether the treatment is shown to be better than leaving the rows as they are."""
        return self.difference is not None and self.difference.low > 0


def label_effects(
    fit: Fit,
    train: Sequence[Example],
    suspects: Sequence[Suspect],
    validation: Sequence[Example],
    labels: Sequence[str],
    *,
    metric: str,
    seed: int,
) -> list[Effect]:
    """The effect of ``drop`` and of ``relabel`` beside ``keep``, which comes first and has no difference.

    Every example has one of ``labels``; suspects count the rows of ``train`` from 0.
    """
    texts, truth = [row.text for row in validation], label_numbers([str(row.label) for row in validation], labels)
    effects: list[Effect] = []
    for name, treat in TREATMENTS.items():
        rows = treat(train, suspects)
        predicted = label_numbers(fit(rows, seed)(texts), labels)
        before = effects[0].predicted if effects else None
        difference = None if before is None else compare(metric, truth, predicted, before, len(labels), seed=seed)
        effects.append(Effect(treatment=name, rows=len(rows), predicted=predicted, difference=difference))
    return effects


def _kept(train: Sequence[Example], suspects: Sequence[Suspect]) -> list[Example]:  # noqa: ARG001 - as the others are called
    return list(train)


def _dropped(train: Sequence[Example], suspects: Sequence[Suspect]) -> list[Example]:
    return [row for row in drop(train, suspects) if not isinstance(row, Dropped)]


def _relabelled(train: Sequence[Example], suspects: Sequence[Suspect]) -> list[Example]:
    return list(relabel(train, suspects))


TREATMENTS: Mapping[str, Callable[[Sequence[Example], Sequence[Suspect]], list[Example]]] = MappingProxyType(
    {KEEP: _kept, "drop": _dropped, "relabel": _relabelled}
)
