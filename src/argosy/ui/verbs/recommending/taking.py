"""``argosy recommend events``, ``items`` and ``forget``: what the log takes, and what is removed from it."""

from pathlib import Path

from argosy.project.recommending.taking import take_events, take_items
from argosy.report.numbers import count
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import actor
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.recommending.opening import opened


def events(folder: Path, files: list[Path], *, as_json: bool) -> None:
    """Take events, each once."""
    with opened(folder) as live:
        heard = take_events(live, files)
    if as_json:
        say_json({"new": heard.new, "again": heard.again, "refused": dict(heard.refused)})
        return
    told = t("{new} new events, {again} that were there already")
    say(told.format(new=count(heard.new), again=count(heard.again)))
    for reason, number in heard.refused.items():
        say(t("refused    {number} ({reason})").format(number=count(number), reason=reason))


def items(folder: Path, files: list[Path], *, whole: bool, as_json: bool) -> None:
    """Take items, and take away those that a whole catalogue no longer holds."""
    with opened(folder) as live:
        changed, removed = take_items(live, files, whole=whole)
    if as_json:
        say_json({"changed": changed, "removed": removed})
        return
    say(
        t("{changed} items are new or changed, {removed} removed").format(
            changed=count(changed), removed=count(removed)
        )
    )


def forget(folder: Path, user: str, *, as_json: bool) -> None:
    """Remove a user for good."""
    with opened(folder) as live:
        removed = live.forget(user, actor())
    if as_json:
        say_json(dict(removed))
        return
    told = t("Removed {events} events and {lists} lists. What is shown to this user now is what a stranger is shown.")
    say(told.format(**{name: count(number) for name, number in removed.items()}))
