"""Does another engine give the same answers? Pure functions over logits, each ending in a report that can be stored.

Logits are float arrays [texts, labels]. A text whose two best labels lie within twice the tolerance may change its
label without any logit being off by more than the tolerance: such texts are excepted, counted and listed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import GateError
from argosy.evaluate.intervals import Interval

TOLERANCE = 1e-4
AGREEMENT = 0.99
_SHOWN = 5  # texts that an error names; the report holds them all
_BUCKET = 32  # texts

Logits = NDArray[np.floating]
Engine = Callable[[Sequence[str]], Logits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A text answered in two ways: label numbers, the largest logit gap, the reference's margin of its two best."""

    text: str
    reference: int
    other: int
    gap: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityReport:
    """What a gate saw: the share of equal labels, the largest gap, the ``failed`` and ``excepted`` texts, problems."""

    gate: str
    texts: int
    agreement: float
    gap: float
    failed: tuple[Odd, ...]
    excepted: tuple[Odd, ...]
    problems: tuple[GateError, ...]

    @property
    def passed(self) -> bool:
        """Whether the gate lets the engine through."""
        return not self.problems

    def to_json(self) -> dict[str, object]:
        """The report as plain values, every odd text included; what is no finite number becomes None."""
        return {
            "gate": self.gate,
            "passed": self.passed,
            "reasons": [problem.to_json() for problem in self.problems],
            "texts": self.texts,
            "agreement": self.agreement,
            "gap": _finite(self.gap),
            "failed": [_plain(odd) for odd in self.failed],
            "excepted": [_plain(odd) for odd in self.excepted],
        }


def compare_logits(
    texts: Sequence[str], reference: Logits, other: Logits, *, gate: str, tolerance: float = TOLERANCE
) -> ParityReport:
    """Passes when no logit is off by more than ``tolerance`` and every label is equal but those excepted.

    ``gate`` names what is compared, such as ``torch = onnx-fp32``. A logit that is no number fails the text.
    """
    seen = _Pair(texts, reference, other)
    off = ~(seen.gaps <= tolerance)
    failed = seen.odd(off | seen.flips(tolerance))
    problems = []
    if failed:
        problems.append(
            GateError(
                "{count} of {total} get other answers, by up to {gap:.2g} where {tolerance:g} is allowed: {texts}",
                where=gate,
                count=len(failed),
                total=len(texts),
                gap=seen.gap,
                tolerance=tolerance,
                texts=_show(failed),
            )
        )
    return seen.report(gate, failed, seen.odd(seen.differ & ~off & ~seen.flips(tolerance)), problems)


def company(
    engine: Engine, texts: Sequence[str], *, gate: str, seed: int, tolerance: float = TOLERANCE
) -> ParityReport:
    """Passes when the label of a text is the same alone, among texts of its length, and in random company.

    ``engine`` takes raw texts and gives their logits in the same order. The answer alone is the reference; the
    agreement counts the answers in both companies; the largest gap is told, but only labels are judged.
    """
    alone = np.concatenate([engine([text]) for text in texts])
    by_length = np.array(sorted(range(len(texts)), key=lambda place: len(texts[place])))
    at_random = np.random.default_rng(seed).permutation(len(texts))
    answers = [_in_buckets(engine, texts, order) for order in (by_length, at_random)]
    seen = _Pair([*texts, *texts], np.concatenate([alone, alone]), np.concatenate(answers))
    flips = seen.flips(tolerance) | ~np.isfinite(seen.gaps)
    failed = seen.odd(flips)
    problems = []
    if failed:
        problems.append(
            GateError(
                "The labels of {count} of {total} texts change with the texts beside them: {texts}",
                where=gate,
                count=len(failed),
                total=len(texts),
                texts=_show(failed),
            )
        )
    return seen.report(gate, failed, seen.odd(seen.differ & ~flips), problems)


def quantised(
    texts: Sequence[str],
    reference: Logits,
    other: Logits,
    *,
    gate: str,
    intervals: Mapping[str, Interval] = MappingProxyType({}),
    figures: Mapping[str, float] = MappingProxyType({}),
    least: float = AGREEMENT,
) -> ParityReport:
    """Passes when at least ``least`` of the labels are equal and every figure lies inside the reference's interval.

    ``intervals`` are the reference's metrics by name, ``figures`` those of the other engine on the same rows; texts
    without labels have none.
    """
    seen = _Pair(texts, reference, other)
    failed = seen.odd(seen.differ | ~np.isfinite(seen.gaps))
    problems = [_outside(gate, name, figures[name], known) for name, known in intervals.items()]
    agreement = 1 - len(failed) / len(texts)
    if agreement < least:
        problems.append(
            GateError(
                "{agreement:.2%} of the labels are equal where {least:.0%} is asked for: {texts}",
                where=gate,
                agreement=agreement,
                least=least,
                texts=_show(failed),
            )
        )
    return seen.report(gate, failed, (), [problem for problem in problems if problem])


def _outside(gate: str, name: str, figure: float, known: Interval) -> GateError | None:
    if known.low <= figure <= known.high:
        return None
    return GateError(
        "{name} is {figure:.4f}, outside {low:.4f} to {high:.4f}, the interval of the model before.",
        where=gate,
        name=name,
        figure=figure,
        low=known.low,
        high=known.high,
    )


class _Pair:
    """Two answers to the same texts, text by text."""

    def __init__(self, texts: Sequence[str], reference: Logits, other: Logits) -> None:
        if reference.shape != other.shape or len(reference) != len(texts) or not len(texts):
            message = f"{len(texts)} texts, logits of {reference.shape} and {other.shape}"
            raise ValueError(message)
        self.texts = texts
        self.labels = reference.argmax(axis=1), other.argmax(axis=1)
        self.differ = self.labels[0] != self.labels[1]
        self.gaps = np.abs(reference.astype(np.float64) - other).max(axis=1)
        two_best = np.sort(reference, axis=1)[:, -2:]
        self.margins = two_best[:, 1] - two_best[:, 0]
        self.gap = float(self.gaps.max())

    def flips(self, tolerance: float) -> NDArray[np.bool_]:
        """Where the labels differ though the margin is too wide for it."""
        return np.asarray(self.differ & ~(self.margins <= 2 * tolerance))

    def odd(self, chosen: NDArray[np.bool_]) -> tuple[Odd, ...]:
        """The chosen texts, the widest gap first, a text that stands twice once."""
        places = np.flatnonzero(chosen)
        ordered = places[np.argsort(-self.gaps[places], kind="stable")]
        return tuple({self.texts[place]: self._odd(place) for place in ordered[::-1]}.values())[::-1]

    def report(
        self, gate: str, failed: tuple[Odd, ...], excepted: tuple[Odd, ...], problems: Sequence[GateError]
    ) -> ParityReport:
        """The report of a gate over these answers."""
        return ParityReport(
            gate=gate,
            texts=len(set(self.texts)),
            agreement=float(np.mean(~self.differ)),
            gap=self.gap,
            failed=failed,
            excepted=excepted,
            problems=tuple(problems),
        )

    def _odd(self, place: int) -> Odd:
        return Odd(
            text=self.texts[place],
            reference=int(self.labels[0][place]),
            other=int(self.labels[1][place]),
            gap=float(self.gaps[place]),
            margin=float(self.margins[place]),
        )


def _in_buckets(engine: Engine, texts: Sequence[str], order: NDArray[np.int64]) -> Logits:
    """The logits of ``texts`` in their own order, asked for in ``order``, some at a time."""
    parts = [order[start : start + _BUCKET] for start in range(0, len(order), _BUCKET)]
    answers = np.concatenate([engine([texts[place] for place in part]) for part in parts])
    return answers[np.argsort(order)]


def _show(odd: Sequence[Odd]) -> str:
    shown = "; ".join(repr(one.text[:60]) for one in odd[:_SHOWN])
    return shown + (" …" if len(odd) > _SHOWN else "")


def _plain(odd: Odd) -> dict[str, object]:
    return {**asdict(odd), "gap": _finite(odd.gap), "margin": _finite(odd.margin)}


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
