"""What one request adds to the counts of its slot, in which what was not counted yet is 0."""

import math
from collections.abc import Sequence

from argosy.core.records import Prediction
from argosy.infer.batcher import Answered
from argosy.serve.errors import CODES
from argosy.serve.running.edge import CLIENT_LEFT, Visit
from argosy.serve.watching.looking import Look

_ANSWERED = range(200, 300)
_FAILED = 500  # and above
_LEAST, _MOST = -16, 127  # quarters of a doubling of a millisecond


def ended(visit: Visit, seconds: float | None, counts: dict[str, int]) -> None:
    """A request is over, after ``seconds`` if anybody waited for it."""
    counts["requests"] += 1
    status = _outcome(visit)
    if status in _ANSWERED:
        counts["texts"] += visit.texts
        counts["tokens"] += visit.tokens
        if seconds is not None:
            quarters = math.floor(4 * math.log2(1000 * max(seconds, 1e-6)))
            counts[f"latency:{min(max(quarters, _LEAST), _MOST)}"] += 1
    elif status != CLIENT_LEFT:
        counts["errors" if status >= _FAILED else "refused"] += 1


def labelled(answered: Answered[Prediction], looks: Sequence[Look], counts: dict[str, int]) -> None:
    """Texts have got their labels; some of them are looked at."""
    counts["hits"] += answered.remembered
    for answer in answered.answers:
        said = answer.prediction
        counts[f"label:{said.label}"] += 1
        counts[f"confidence:{_twentieth(said.probabilities.get(said.label, 0.0))}"] += 1
        if said.certain is False:
            counts["abstained"] += 1
        if answer.unknown is not None:
            counts["pieces"] += answer.tokens
            counts["unknown"] += answer.unknown
    for look in looks:
        for name in look.names():
            counts[name] += 1


def _outcome(visit: Visit) -> int:
    """The status; of a stream that began well and failed the one that its failure stands for."""
    if visit.code in CODES and visit.status in _ANSWERED:
        return CODES[visit.code][0]
    return visit.status


def _twentieth(share: float) -> int:
    return min(int(20 * share), 19) if share >= 0 else 0  # a broken engine may give no number
