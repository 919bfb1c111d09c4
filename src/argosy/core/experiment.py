"""An experiment: two versions of a model before customers, what was planned, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, Self

Outcome = Literal["rating", "accuracy", "errors", "lists"]
"""What is compared: the share of rated answers with a good rating, of labelled ones that were right, of all without
an error of the service, of recommended lists that were acted on."""
By = Literal["request", "tenant"]
Winner = Literal["", "first", "second"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What was told before an experiment begins; shares and chances between 0 and 1.

    ``share`` of the requests or the tenants (``by``) get the second version. A difference is found where there is none
    with a chance of at most ``alpha``, however often anybody looks, and one of ``effect`` from the first version's
    ``base`` with a chance of ``power`` once there are ``units``: outcomes by request, tenants by tenant. By request no
    tenant counts for more than ``most`` outcomes, and where that is half of the units or fewer nobody wins who would
    not without any one tenant; by tenant each counts once, with the mean of its first ``least`` outcomes, and
    ``spread`` is the correlation of outcomes of one tenant.
    """

    outcome: Outcome
    by: By
    share: float
    alpha: float
    power: float
    effect: float
    base: float
    units: int
    most: int
    least: int
    spread: float

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What was kept of one."""
        return cls(**told)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment that runs, or is over with its ``result``; times are microseconds since the epoch.

    ``first`` is the champion's number and ``second`` the challenger's; ``rollout`` is the release that divides them.
    """

    id: str
    model: str
    rollout: str
    first: int
    second: int
    design: Design
    by: str
    begun: int
    ended: int | None = None
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the outcomes show, each pair for the first and the second version.

    ``difference`` is second less first; the truth lies between ``low`` and ``high`` at all times together with a chance
    of 1 − alpha. ``evidence`` is the natural logarithm of the e-value against "no difference"; at ``limit`` there is a
    ``winner``, who stays it, unless one tenant, ``alone``, makes all the difference. ``left_out`` outcomes are a
    tenant's beyond its most, ``waiting`` ones count with more.
    """

    units: tuple[int, int]
    shares: tuple[float | None, float | None]
    difference: float | None
    low: float
    high: float
    evidence: float
    limit: float
    winner: Winner
    alone: str
    left_out: int
    waiting: int


State = Literal["running", "decided", "reached", "rolled_back", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An experiment with its standing.

    ``state`` is ``reached`` when there are as many units as were told, and no winner; ``reason`` says why the release
    was rolled back. ``days`` more are expected at the present pace.
    """

    experiment: Experiment
    standing: Standing
    state: State
    reason: str = ""
    days: float | None = None


class Experiments(Protocol):
    """The experiments of a project, for the pages that show them; its methods may block."""

    def statuses(self) -> Sequence[Status]:
        """All, the newest first."""
        ...
