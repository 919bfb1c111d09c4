"""How a release stands: each version with what is known of it, and the evidence with its intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argosy.evaluate.intervals import Interval, matched, wilson
from argosy.serve.releases.controls import Controls, Status
from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.versions import Paired

_HISTORY = 50  # moves shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one version did in the step under way; ``failed`` is a share with its interval, ``seconds`` a mean."""

    version: int
    requests: int
    failed: Interval | None
    seconds: float | None


def told(controls: Controls, model: str) -> Mapping[str, Any]:
    """One model: its versions, the release under way, and its past."""
    status = controls.status(model)
    return {
        "line": status.line,
        "status": status,
        "arms": _arms(status),
        "agreed": _share(status.evidence.agreed, status.evidence.mirrored - status.evidence.failed),
        "paired": [(name, found, _matched(found)) for name, found in _paired(status) if found and found.rows],
        "reached": [(name, _part(log, status.limit)) for name, log in _logs(status.evidence)],
        "versions": controls.shelf.versions(model)[::-1],
        "history": controls.shelf.history(model)[::-1][:_HISTORY],
    }


def _arms(status: Status) -> list[Arm]:
    """The champion and the challenger, by live requests in a canary and by copies of them in the shadow."""
    line, seen = status.line, status.evidence
    if line.challenger is None or line.phase == "steady":
        return []
    if line.phase == "shadow":
        return [
            _arm(line.champion, seen.mirrored, None, seen.mirror_first_seconds),
            _arm(line.challenger, seen.mirrored, seen.failed, seen.mirror_second_seconds),
        ]
    return [
        _arm(line.champion, seen.first, seen.first_errors, seen.first_seconds),
        _arm(line.challenger, seen.second, seen.second_errors, seen.second_seconds),
    ]


def _arm(version: int, requests: int, failed: int | None, seconds: float) -> Arm:
    return Arm(
        version=version,
        requests=requests,
        failed=None if failed is None else _share(failed, requests),
        seconds=seconds / requests if requests else None,
    )


def _share(some: int, rows: int) -> Interval | None:
    return wilson(some, rows) if rows else None


def _matched(found: Paired) -> Interval:
    return matched(found.won, found.lost, found.rows)


def _paired(status: Status) -> list[tuple[str, Paired | None]]:
    return [("replay", status.line.replay), ("labels", status.line.labels)]


def _logs(seen: Evidence) -> list[tuple[str, float]]:
    return [("errors", seen.log_errors), ("latency", seen.log_slowness)]


def _part(log: float, limit: float) -> float:
    """How much of the limit evidence has reached, 0 to 1."""
    return min(1.0, max(0.0, log / limit)) if math.isfinite(log) else 0.0
