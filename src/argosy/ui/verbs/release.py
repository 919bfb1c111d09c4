"""``argosy release``: versions of the served models, and how one takes the place of another."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from argosy.core.errors import ProjectError
from argosy.project.selling.releasing import releasing
from argosy.serve.releases.controls import Controls, Status
from argosy.serve.releases.versions import Line, Paired, Plan
from argosy.store.releases import live_at
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json

_SECOND = 1_000_000  # microseconds


def add(folder: Path, built: Path, remark: str, *, as_json: bool) -> None:
    """Keep a built model."""
    with releasing(folder) as releases:
        version = releases.add(built, by=actor(), note=remark)
    if as_json:
        say_json(asdict(version))
        return
    told = t("added      version {number} of {model}, {digest}")
    say(told.format(number=version.number, model=version.model, digest=version.digest[:16]))


def list_versions(folder: Path, *, as_json: bool) -> None:
    """All versions."""
    with releasing(folder) as releases:
        lines = releases.shelf.lines()
        versions = [version for model in sorted(lines) for version in releases.shelf.versions(model)]
    if as_json:
        say_json({"versions": [asdict(version) for version in versions]})
        return
    heads = (t("model"), t("version"), t("state"), t("added"), t("digest"), t("note"))
    cells = [
        (one.model, str(one.number), _role(lines[one.model], one.number), _time(one.at), one.digest[:16], one.note)
        for one in versions
    ]
    show_table(heads, cells)


def shadow(folder: Path, model: str | None, number: int, plan: Plan, *, as_json: bool) -> None:
    """Begin a release, and say how many rows it will take to show that it does no harm."""
    with releasing(folder) as releases:
        line = releases.controls.shadow(model, number, plan, actor())
        status = releases.controls.status(line.model)
    if as_json:
        say_json(status.to_json())
        return
    _tell_line(line)
    told = t("to show    a loss under {margin}: about {rows} labelled rows, or as many copies that agree")
    say(told.format(margin=plan.margin, rows=status.rows_needed))


def replay(folder: Path, model: str | None, source: Path | None, *, as_json: bool) -> None:
    """Ask both versions labelled rows."""
    from argosy.project.selling.replaying import replay

    with releasing(folder) as releases:
        controls = releases.controls
        found = replay(releases, controls.line(model), source)
        line = controls.replayed(controls.line(model), found.paired, actor())
        status = controls.status(line.model)
    if as_json:
        say_json({**status.to_json(), "left_out": found.left_out, "unknown": found.unknown})
        return
    told = t("replayed   {rows} rows: {won} won, {lost} lost; {left} left out, which a model knows or is tested on")
    paired = found.paired
    say(told.format(rows=paired.rows, won=paired.won, lost=paired.lost, left=found.left_out))
    if found.unknown:
        note(t("It is not known which rows {count} of the two learnt from.").format(count=found.unknown))
    _tell_quality(status)


def move(folder: Path, step: Callable[[Controls, str], Line], *, as_json: bool) -> None:
    """One step of a release."""
    with releasing(folder) as releases:
        line = step(releases.controls, actor())
    if as_json:
        say_json(line.to_json())
        return
    _tell_line(line)
    note(t("Servers that run follow within a second, once the version is loaded."))


def status(folder: Path, model: str | None, *, as_json: bool) -> None:
    """How the release under way stands."""
    with releasing(folder) as releases:
        found = releases.controls.status(model)
    if as_json:
        say_json(found.to_json())
        return
    _tell_line(found.line)
    if found.line.phase == "shadow":
        _tell_shadow(found)
        _tell_quality(found)
    elif found.line.phase == "canary":
        _tell_canary(found)


def history(folder: Path, model: str | None, at: str | None, *, as_json: bool) -> None:
    """What was done, or what was live at a time."""
    with releasing(folder) as releases:
        told = releases.shelf.history(releases.controls.line(model).model)
    if at is not None:
        then = live_at(told, _moment(at))
        told = [then] if then else []
    if as_json:
        say_json({"history": list(told)})
        return
    heads = (t("time"), t("what"), t("champion"), t("challenger"), t("share"), t("why"), t("who"))
    show_table(heads, [_entry(one) for one in told])


def _entry(told: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("champion", "challenger", "share", "reason", "actor")
    cells = ["" if told.get(name) is None else str(told[name]) for name in names]
    if "version" in told:
        cells[1] = str(told["version"])
    return (_time(told["at"]), str(told["action"]), *cells)


def _tell_line(line: Line) -> None:
    said = t("{model:<10} champion {champion}, challenger {challenger}: {phase} {share:.1%} ({reason})")
    challenger = line.challenger if line.phase != "steady" else "–"
    say(
        said.format(
            model=line.model,
            champion=line.champion,
            challenger=challenger,
            phase=line.phase,
            share=line.share,
            reason=line.reason,
        )
    )


def _tell_shadow(found: Status) -> None:
    seen = found.evidence
    said = t("copies     {mirrored} texts, {agreed} with the same label, {failed} failed, {dropped} requests dropped")
    say(said.format(mirrored=seen.mirrored, agreed=seen.agreed, failed=seen.failed, dropped=seen.dropped))
    _tell_times((seen.mirror_first_seconds, seen.mirrored), (seen.mirror_second_seconds, seen.mirrored))


def _tell_quality(found: Status) -> None:
    rows = (found.line.replay or Paired()).rows
    if found.passed.passed:
        say(t("quality    shown by {why}: it may leave the shadow").format(why=found.passed.why))
    else:
        said = t("quality    not shown ({why}): {rows} rows replayed, about {needed} needed")
        say(said.format(why=found.passed.why, rows=rows, needed=found.rows_needed))


def _tell_canary(found: Status) -> None:
    seen, limit = found.evidence, found.limit
    said = t("answers    {first} by the champion ({first_errors} errors), {second} by the challenger ({second_errors})")
    counts = {name: getattr(seen, name) for name in ("first", "first_errors", "second", "second_errors")}
    say(said.format(**counts))
    _tell_times((seen.first_seconds, seen.first), (seen.second_seconds, seen.second))
    said = t("evidence   errors {errors:.3g}, latency {slowness:.3g}; rolled back at {limit:.3g}")
    say(said.format(errors=math.exp(seen.log_errors), slowness=math.exp(seen.log_slowness), limit=math.exp(limit)))


def _tell_times(first: tuple[float, int], second: tuple[float, int]) -> None:
    """Means, of seconds and how many they were for."""
    champion, challenger = (f"{1000 * seconds / count:.1f}" if count else "–" for seconds, count in (first, second))
    said = t("latency    {champion} ms by the champion, {challenger} ms by the challenger, on average")
    say(said.format(champion=champion, challenger=challenger))


def _role(line: Line, number: int) -> str:
    if number == line.champion:
        return t("champion")
    if number == line.challenger and line.phase != "steady":
        return f"{t('challenger')} ({line.phase})"
    return t("pinned") if number in line.pins.values() else ""


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / _SECOND).astimezone().isoformat(timespec="seconds")


def _moment(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * _SECOND)
    except ValueError as error:
        raise ProjectError(
            "Expected a time such as 2026-11-22T13:00+08:00, found {found!r}.", where="--at", found=text
        ) from error
