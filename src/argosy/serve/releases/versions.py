"""What a model's name stands for: its versions, which of them answers, and the release under way, as plain records.

A release goes ``shadow`` → ``canary`` (one share after another) → ``steady`` again, with the challenger as champion or
rolled back. Every move is a pure function from one Line to the next; whoever moves a line names the revision it saw, so
that two processes never move it twice.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Protocol, Self

from argosy.core.account import Caller
from argosy.core.errors import ProjectError
from argosy.serve.releases.evidence import Evidence

Phase = Literal["steady", "shadow", "canary"]
Pairs = Mapping[tuple[str, str], tuple[str, str]]
"""The champion's and the challenger's label of requests, by tenant and event."""
LABELS = "classify"
"""The kind of a version that gives labels, so that its quality can be shown."""
SHADOW_STEP = -1
"""Under which step the evidence of the shadow is kept."""
_UNITS = 2**64  # of a hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A release of a model: its number counts from 1, ``digest`` is the artifact's, ``at`` microseconds.

    ``kind`` is ``classify``, ``embed`` or ``generate``.
    """

    model: str
    number: int
    digest: str
    kind: str
    at: int
    by: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The challenger against the champion on the same labelled rows: rows it ``won``, ``lost``, and both ``alike``."""

    won: int = 0
    lost: int = 0
    alike: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.won + self.lost + self.alike

    def and_(self, other: "Paired") -> "Paired":
        """Both together."""
        return Paired(won=self.won + other.won, lost=self.lost + other.lost, alike=self.alike + other.alike)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a release goes; shares and chances between 0 and 1.

    ``shares`` of the requests reach the challenger, each for ``hold_seconds`` and ``least`` of its answers at least;
    whose request it is decided ``by`` request or by tenant, and all requests of ``tenants`` go to it. A harmless
    canary is rolled back with a chance of at most ``false_alarm``; slower counts from ``slack_ms`` (or a tenth) on.
    It leaves the shadow once it is shown to be less than ``margin`` worse, wrongly so with a chance of at most
    ``false_pass``. ``mirror`` of the live requests are answered by both. With ``labels`` the last share is held until
    so many labels came within ``label_seconds``; too few, and it is not promoted.
    """

    shares: tuple[float, ...] = (0.008, 0.05, 0.25)
    hold_seconds: float = 300.0
    least: int = 100
    by: Literal["request", "tenant"] = "request"
    tenants: tuple[str, ...] = ()
    false_alarm: float = 0.01
    slack_ms: float = 5.0
    margin: float = 0.03
    false_pass: float = 0.001
    mirror: float = 0.1
    labels: int = 0
    label_seconds: float = 86_400.0
    promote: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a model's name stands for now; ``rollout`` is the id of the release under way, ``since`` microseconds.

    ``previous`` is the champion before this one, ``pins`` are tenant → version, ``reason`` says why it last moved.
    ``replay`` and ``labels`` are what labelled rows showed before and after exposure.
    """

    model: str
    champion: int
    revision: int = 0
    challenger: int | None = None
    previous: int | None = None
    phase: Phase = "steady"
    rollout: str = ""
    step: int = 0
    since: int = 0
    plan: Plan = field(default_factory=Plan)
    pins: Mapping[str, int] = field(default_factory=dict)
    replay: Paired | None = None
    labels: Paired | None = None
    reason: str = ""

    @property
    def share(self) -> float:
        """The share of requests that the challenger answers."""
        return self.plan.shares[self.step] if self.phase == "canary" else 0.0

    @property
    def loaded(self) -> frozenset[int]:
        """The versions that a worker keeps in memory."""
        challenger = {self.challenger} if self.challenger is not None and self.phase != "steady" else set()
        return frozenset({self.champion, *challenger, *self.pins.values()})

    def to_json(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told, perhaps by an earlier version that knew fewer plans."""
        known = {one.name for one in fields(Plan)}
        plan = {name: value for name, value in told["plan"].items() if name in known}
        lists = {name: tuple(plan[name]) for name in ("shares", "tenants")}
        pairs = {name: Paired(**told[name]) if told[name] else None for name in ("replay", "labels")}
        return cls(**{**told, "plan": Plan(**{**plan, **lists}), **pairs})


class Board(Protocol):
    """Where lines and evidence are kept for all workers; its methods may block."""

    def lines(self) -> Mapping[str, Line]:
        """The lines by model."""
        ...

    def evidence(self, rollout: str, step: int) -> Sequence[Evidence]:
        """What the workers have noted of one step."""
        ...

    def note(self, rollout: str, step: int, worker: str, evidence: Evidence) -> "Future[None]":
        """Replace what a worker noted of a step."""
        ...

    def pair(self, rollout: str, answers: Pairs) -> "Future[None]":
        """Keep both versions' labels of requests until the true ones come."""
        ...

    def labelled(self, rollout: str) -> Paired:
        """What feedback has shown of the pairs kept."""
        ...

    def move(self, before: Line, after: Line, by: str) -> "Future[bool]":
        """Put ``after`` in the place of ``before`` and into the audit log; False when another was there by now."""
        ...


class Shelf(Board, Protocol):
    """A board that also knows the versions and the past."""

    def versions(self, model: str) -> Sequence[Version]:
        """The versions of a model by number."""
        ...

    def history(self, model: str) -> Sequence[Mapping[str, Any]]:
        """What was done to a model's releases, from the audit log, oldest first."""
        ...


def goes_to_challenger(line: Line, caller: Caller, nonce: str) -> bool:
    """Whether a request is the challenger's: the same for a tenant (or ``nonce``) at every share from its own on."""
    if line.phase != "canary":
        return False
    tenant = caller.account.tenant
    return (
        tenant in line.plan.tenants or _drawn(line.rollout, tenant if line.plan.by == "tenant" else nonce) < line.share
    )


def mirrored(line: Line, nonce: str) -> bool:
    """Whether both versions answer a request."""
    return line.phase != "steady" and _drawn(f"{line.rollout} mirror", nonce) < line.plan.mirror


def begin(line: Line, challenger: int, plan: Plan, *, now: int) -> Line:
    """Put a version into the shadow; raises ProjectError while another release is under way."""
    if line.phase != "steady":
        raise ProjectError(
            "Version {number} of {model} is in its {phase} already.",
            mend="Promote it or roll it back first: argosy release rollback",
            number=line.challenger,
            model=line.model,
            phase=line.phase,
        )
    if challenger == line.champion:
        raise ProjectError("Version {number} is the champion already.", number=challenger)
    return _moved(
        replace(
            line, challenger=challenger, plan=plan, replay=None, labels=None, rollout=f"rol_{secrets.token_hex(8)}"
        ),
        "shadow",
        now,
        "shadow",
    )


def expose(line: Line, *, now: int, reason: str) -> Line:
    """Out of the shadow, at the first share."""
    if line.phase != "shadow":
        raise _not_in(line, "shadow")
    return replace(_moved(line, "canary", now, reason), step=0)


def advance(line: Line, *, now: int) -> Line:
    """The next share."""
    return replace(_moved(line, "canary", now, "advanced"), step=line.step + 1)


def promote(line: Line, *, now: int, reason: str, number: int | None = None) -> Line:
    """The challenger, or the version ``number``, is the champion."""
    champion = line.challenger if number is None else number
    if champion is None:
        raise _not_in(line, "canary")
    ended = replace(line, previous=line.champion, champion=champion, challenger=None, rollout="", step=0)
    return _moved(ended, "steady", now, reason)


def roll_back(line: Line, *, now: int, reason: str) -> Line:
    """The challenger goes, or without one the champion's predecessor comes back."""
    if line.phase != "steady":
        return _moved(replace(line, rollout="", step=0), "steady", now, reason)
    if line.previous is None:
        raise ProjectError(
            "There is no version of {model} before this one.",
            mend="Name one: argosy release promote VERSION",
            model=line.model,
        )
    return _moved(replace(line, champion=line.previous, previous=None), "steady", now, reason)


def _moved(line: Line, phase: Phase, now: int, reason: str) -> Line:
    return replace(line, phase=phase, since=now, reason=reason, revision=line.revision + 1)


def _not_in(line: Line, phase: str) -> ProjectError:
    return ProjectError(
        "No version of {model} is in its {phase}.",
        mend="Put one into the shadow first: argosy release shadow VERSION",
        model=line.model,
        phase=phase,
    )


def _drawn(salt: str, what: str) -> float:
    """A number from 0 up to 1 that follows from both."""
    digest = hashlib.blake2b(f"{salt} {what}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _UNITS
