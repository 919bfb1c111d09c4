"""``argosy opinion read``, ``backfill``, ``check`` and ``forget``: what goes in, and what goes out for good."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError, ProjectError
from argosy.core.watch import Alarm
from argosy.project.opining import backfilling, forgetting
from argosy.project.opining.live import LiveOpinion
from argosy.report.numbers import count
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.opining.alarms import surge
from argosy.ui.verbs.opining.opening import home_of, opened

Counts = Mapping[str, Mapping[str, int]]
"""What came, by source or file: ``read`` posts, of these ``new`` ones, of these ``reposts``; and ``refused`` ones."""
_SHOWN = 70  # characters of a sample
_PAUSE = 60.0  # seconds between two rounds at most
_OFTEN = 5.0  # seconds between two words on how far it is
_KINDS = ("read", "new", "reposts", "refused")


def read(folder: Path, *, follow: bool, as_json: bool) -> None:
    """Take what the sources hold now, and look at the counts; with ``follow`` again and again until ctrl-C."""
    sources = home_of(folder).project.opinion.sources.values()
    pause = min([_PAUSE, *(source.every_seconds for source in sources)])
    with opened(folder) as live:
        _round(live, as_json=as_json)
        if follow:
            note(t("It reads on; ctrl-C ends."))
            with suppress(KeyboardInterrupt):
                while True:
                    time.sleep(pause)  # until a source is due again; ctrl-C ends it
                    _round(live, as_json=as_json)


def backfill(folder: Path, files: Sequence[Path], source: str, *, alarms: bool, as_json: bool) -> None:
    """Take old posts out of files."""
    missing = [path for path in files if not path.exists()]
    if missing:
        raise MissingError(
            "There is no such file.", where=str(missing[0]), mend="Name files that are there: argosy opinion backfill F"
        )
    with opened(folder) as live:
        found = backfilling.backfill(live, files, source, _Progress(), alarms=alarms)
        _tell(found.files, found.alarms, as_json=as_json)


def check(folder: Path, *, as_json: bool) -> bool:
    """Ask each source once, and keep nothing; whether all of them answered."""
    with opened(folder) as live:
        found = live.check()
    well = all(one["reachable"] for one in found)
    if as_json:
        say_json({"sources": [dict(one) for one in found]})
        return well
    heads = (t("source"), t("kind"), t("state"), t("posts"), t("refused"), t("first one"))
    show_table(heads, [_checked(one) for one in found])
    for one in found:
        for reason, times in one["refused"].items():
            note(t("{source}: {times} refused: {reason}").format(source=one["name"], times=times, reason=why(reason)))
    return well


def forget(folder: Path, text: str, author: str, *, as_json: bool) -> None:
    """Remove a text, or the texts of an author, for good."""
    if bool(text) == bool(author):
        raise ProjectError(
            "It is not said what to forget.",
            where="argosy opinion forget",
            mend="Name one: --text ID, or --author NAME",
        )
    with opened(folder) as live:
        removed = forgetting.forget(live, text=text, author=author)
    if not removed:
        raise MissingError(
            "Nothing is known by the name {name!r}.", mend="It may be gone already.", name=text or author
        )
    if as_json:
        say_json({"removed": removed})
        return
    note(t("Removed for good: {count}. The counts of their hours stay.").format(count=count(removed)))


def why(reason: str) -> str:
    """Why something was refused, in words; the reason itself of one that has none."""
    known = {
        "not_text": t("it is no text"),
        "too_large": t("it is too large"),
        "no_time": t("its time cannot be read"),
        "no_text": t("it has no text"),
        "not_csv": t("it is no CSV that can be read"),
        "not_json": t("it is no JSON"),
        "not_read": t("nothing can be read out of it"),
        "unreadable": t("the file cannot be read"),
    }
    return known.get(reason, reason)


def _round(live: LiveOpinion, *, as_json: bool) -> None:
    found = live.drain(_Progress())
    _tell(found, live.look(time.time_ns() // 1000), as_json=as_json)


@dataclass(slots=True)
class _Progress:
    """Tells how far it is, every few seconds."""

    told: float = field(default_factory=time.monotonic)

    def __call__(self, source: str, counts: Mapping[str, int]) -> None:
        """Hear what came of a source so far."""
        if time.monotonic() - self.told >= _OFTEN:
            self.told = time.monotonic()
            note(t("{source}: {read} read").format(source=source, read=count(counts["read"])))


def _tell(found: Counts, opening: Sequence[Alarm], *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "sources": {name: dict(counts) for name, counts in found.items()},
                "alarms": [alarm.to_json() for alarm in opening],
            }
        )
        return
    heads = (t("source"), t("read"), t("new"), t("reposts"), t("refused"))
    rows = [(name, *(count(counts.get(kind, 0)) for kind in _KINDS)) for name, counts in found.items()]
    show_table(heads, rows)
    for alarm in opening:
        say(t("alarm      {what}    argosy opinion alarms show {id}").format(what=surge(alarm), id=alarm.id))


def _checked(one: Mapping[str, Any]) -> tuple[str, ...]:
    state = t("answers") if one["reachable"] else one["reason"] or t("cannot be reached")
    posts = f"{count(one['posts'])}{'+' if one['more'] else ''}"
    refused = count(sum(one["refused"].values()))
    return (one["name"], one["kind"], state, posts, refused, " ".join(one["sample"].split())[:_SHOWN])
