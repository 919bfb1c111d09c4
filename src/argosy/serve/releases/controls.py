"""What an operator does to releases, by the command line or the admin side; a step that is too early is refused."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from argosy.core.errors import BusyError, MissingError, ProjectError
from argosy.evaluate.sequential import rows_needed
from argosy.serve.releases import versions as releases
from argosy.serve.releases.evidence import Evidence, threshold, together
from argosy.serve.releases.rollout import Passed, quality
from argosy.serve.releases.versions import LABELS, SHADOW_STEP, Line, Paired, Plan, Shelf

_USUAL_DISAGREEMENT = 0.1  # of two models on rows, until it is known
_LEAST_DISAGREEMENT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A line with the evidence of its step; ``rows_needed`` labelled rows let a model as good out of the shadow.

    A challenger that gives no labels may leave it unproven (``no_labels``): errors and latency are judged in any case.
    """

    line: Line
    evidence: Evidence
    passed: Passed
    rows_needed: int
    limit: float

    def to_json(self) -> dict[str, Any]:
        """Plain values; ``evidence`` as logarithms to the base e, of which ``limit`` ends a canary."""
        told = self.evidence.to_json()
        told |= {"errors": self.evidence.log_errors, "slowness": self.evidence.log_slowness}
        line = {**self.line.to_json(), "share": self.line.share}
        return {
            "line": line,
            "evidence": told,
            "limit": self.limit,
            "shadow": asdict(self.passed),
            "rows_needed": self.rows_needed,
        }


class Controls:
    """Moves lines by hand; raises ProjectError for a step not to be made now, MissingError for what is not there.

    A step may name the revision of the line that its asker has ``seen``; BusyError where another is there by now.
    """

    def __init__(self, shelf: Shelf, *, clock: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self.shelf = shelf
        self._clock = clock

    def line(self, model: str | None, seen: int | None = None) -> Line:
        """The line of a model; the only one when none is named."""
        lines = self.shelf.lines()
        model = next(iter(lines)) if model is None and len(lines) == 1 else model
        if model is None or model not in lines:
            raise MissingError(
                "There is no release of {model!r}; there are releases of: {known}.",
                mend="Add one first: argosy release add",
                model=model or "",
                known=", ".join(sorted(lines)) or "–",
            )
        if seen is not None and lines[model].revision != seen:
            raise _moved_meanwhile(model)
        return lines[model]

    def status(self, model: str | None) -> Status:
        """How the release under way stands."""
        line = self.line(model)
        step = line.step if line.phase == "canary" else SHADOW_STEP
        evidence = together(self.shelf.evidence(line.rollout, step)) if line.rollout else Evidence()
        plan, replay = line.plan, line.replay or Paired()
        differing = (replay.won + replay.lost) / replay.rows if replay.rows else _USUAL_DISAGREEMENT
        needed = rows_needed(
            margin=plan.margin, disagreement=max(differing, _LEAST_DISAGREEMENT), alpha=plan.false_pass / 2
        )
        return Status(
            line=line,
            evidence=evidence,
            passed=self._quality(line, evidence),
            rows_needed=needed,
            limit=threshold(plan.false_alarm, len(plan.shares)),
        )

    def shadow(self, model: str | None, number: int, plan: Plan, by: str) -> Line:
        """Copy live requests to a version."""
        line = self.line(model)
        self._version(line, number)
        _check(plan)
        return self._move(line, releases.begin(line, number, plan, now=self._clock()), by)

    def replayed(self, line: Line, found: Paired, by: str) -> Line:
        """Note what labelled rows showed, in the place of what they showed before, so that no row counts twice."""
        shown = replace(line, replay=found) if line.phase == "shadow" else replace(line, labels=found)
        return self._move(line, replace(shown, revision=line.revision + 1), by)

    def expose(self, model: str | None, by: str, seen: int | None = None) -> Line:
        """Let the first share of requests through, once it is shown that the challenger is not worse by the margin."""
        line = self.line(model, seen)
        after = releases.expose(line, now=self._clock(), reason="")
        why = self._require_quality(line)
        return self._move(line, replace(after, reason=why), by)

    def divide(self, model: str | None, number: int, plan: Plan, by: str, *, unproven: bool = False) -> Line:
        """Let a version in the shadow out at the one share of ``plan``, whatever plan it came by.

        One that is ``unproven`` need not be shown to be no worse, nor be in the shadow.
        """
        line = self.line(model)
        self._version(line, number)
        _check(plan)
        before = line
        if line.phase == "steady" and unproven:
            line = replace(releases.begin(line, number, plan, now=self._clock()), revision=line.revision)
        if line.challenger != number:
            raise ProjectError(
                "Version {number} of {model} is not in the shadow.",
                mend="Put it there first: argosy release shadow {number}",
                number=number,
                model=line.model,
            )
        after = releases.expose(line, now=self._clock(), reason="")
        why = "unproven" if unproven else self._require_quality(line)
        return self._move(before, replace(after, plan=plan, reason=why), by)

    def promote(
        self, model: str | None, number: int | None, by: str, seen: int | None = None, *, reason: str = "asked"
    ) -> Line:
        """Make a version the champion: one that is out of the shadow, may leave it, or was champion before."""
        line = self.line(model, seen)
        wanted = line.challenger if number is None else number
        if wanted is not None:
            self._version(line, wanted)
            self._require_known(line, wanted)
        return self._move(line, releases.promote(line, now=self._clock(), reason=reason, number=wanted), by)

    def roll_back(self, model: str | None, by: str, seen: int | None = None, *, reason: str = "asked") -> Line:
        """End the release under way, or bring back the champion before this one."""
        line = self.line(model, seen)
        return self._move(line, releases.roll_back(line, now=self._clock(), reason=reason), by)

    def pin(self, model: str | None, tenant: str, number: int | None, by: str) -> Line:
        """Keep a tenant on a version whatever is released; None lets it go with the others again."""
        line = self.line(model)
        pins = {known: at for known, at in line.pins.items() if known != tenant}
        if number is not None:
            self._version(line, number)
            pins[tenant] = number
        return self._move(line, replace(line, pins=pins, revision=line.revision + 1), by)

    def _quality(self, line: Line, evidence: Evidence) -> Passed:
        kinds = {version.kind for version in self.shelf.versions(line.model) if version.number == line.challenger}
        if kinds - {LABELS}:
            return Passed(passed=True, why="no_labels")
        return quality(line, evidence)

    def _move(self, before: Line, after: Line, by: str) -> Line:
        if not self.shelf.move(before, after, by).result():
            raise _moved_meanwhile(before.model)
        return after

    def _version(self, line: Line, number: int) -> None:
        known = [version.number for version in self.shelf.versions(line.model)]
        if number not in known:
            raise MissingError(
                "There is no version {number} of {model}; there are: {known}.",
                mend="See them: argosy release list",
                number=number,
                model=line.model,
                known=", ".join(map(str, known)),
            )

    def _require_known(self, line: Line, number: int) -> None:
        was_champion = any(entry.get("champion") == number for entry in self.shelf.history(line.model))
        if was_champion or (line.phase == "canary" and number == line.challenger):
            return
        if line.phase != "shadow" or number != line.challenger:
            raise ProjectError(
                "Version {number} of {model} has not been tried beside the champion.",
                mend="Put it into the shadow first: argosy release shadow {number}",
                number=number,
                model=line.model,
            )
        self._require_quality(line)

    def _require_quality(self, line: Line) -> str:
        status = self.status(line.model)
        if not status.passed.passed:
            raise ProjectError(
                "Version {number} of {model} stays in the shadow ({why}): it may be more than {margin} worse. "
                "{rows} labelled rows were replayed, about {needed} are needed for a model as good.",
                mend="Replay more labelled rows: argosy release replay --on FILE",
                number=line.challenger,
                model=line.model,
                why=status.passed.why,
                margin=line.plan.margin,
                rows=(line.replay or Paired()).rows,
                needed=status.rows_needed,
            )
        return status.passed.why


def _moved_meanwhile(model: str) -> BusyError:
    return BusyError(
        "The release of {model} was moved meanwhile.", mend="Look again: argosy release status", model=model
    )


def _check(plan: Plan) -> None:
    """Raise ProjectError for a plan that means nothing."""
    rising = sorted({*plan.shares}) == [*plan.shares] and all(0 < share < 1 for share in plan.shares)
    if not (plan.shares and rising and 0 < plan.margin < 1):
        raise ProjectError(
            "Shares must rise between 0 and 1, found {shares}; the margin stands between 0 and 1 too, found {margin}.",
            mend="For example: --share 0.008 --share 0.05 --share 0.25 --margin 0.03",
            shares=", ".join(map(str, plan.shares)),
            margin=plan.margin,
        )
