"""``argosy support replay``: past questions asked again before a release."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from argosy.config.places import find_model
from argosy.data.files.write import write_table
from argosy.project.supporting.replay import Compared, Replayed, summary
from argosy.project.supporting.replaying import compared, replayed, said
from argosy.report.numbers import interval, points
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.supporting.opening import home_of

_SECOND = 1_000_000  # microseconds
_WORST = 10  # changes shown at the terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was said on the command line; ``allowed`` None: however many are worse."""

    since: datetime | None
    dialogues: bool
    exact: bool
    allowed: int | None
    out: Path | None


def replay(folder: Path, wish: Wish, *, as_json: bool) -> bool:
    """Ask again, and tell; whether no more are worse, or different, than allowed."""
    home, model = home_of(folder), find_model(folder).resolve()
    since = int(wish.since.replace(tzinfo=UTC).timestamp()) * _SECOND if wish.since else 0
    if wish.exact:
        same = compared(home, model, since)
        _write(wish.out, same)
        counts = Counter(one.result for one in same)
        _tell_exact({"replies": len(same), **dict(counts.most_common())}, same, as_json=as_json)
        return wish.allowed is None or counts["different"] <= wish.allowed
    found = replayed(home, model, since, dialogues=wish.dialogues)
    _write(wish.out, found)
    told = summary(found)
    if as_json:
        say_json({**told, "file": str(wish.out) if wish.out else None})
    else:
        _tell(told, found)
    return wish.allowed is None or told["verdicts"]["worse"] <= wish.allowed


def _write(out: Path | None, rows: Sequence[Replayed | Compared]) -> None:
    if out is not None:
        write_table(pl.DataFrame([said(row) for row in rows], infer_schema_length=None), out)


def _tell(told: Mapping[str, Any], found: Sequence[Replayed]) -> None:
    outcomes, verdicts = told["outcomes"], told["verdicts"]
    heads = t("{questions} questions: {same} answered as before, {changed} in other words")
    say(heads.format(questions=told["questions"], same=outcomes["same"], changed=outcomes["changed"]))
    say(t("now answered {answered}, no longer answered {silent}; asked for the first time {first}").format(**outcomes))
    say(t("better {better}, worse {worse}, neither {even}; not judged {unjudged}").format(**verdicts))
    for name, words in (("right", t("questions")), ("right_of_answered", t("answers"))):
        if told[name]["n"]:
            right = t("right now  {share} of {n} {what} whose answer is known")
            say(right.format(share=interval(told[name]), n=told[name]["n"], what=words))
    if told["difference"]:
        gap = told["difference"]
        low, high = points(gap["low"]), points(gap["high"])
        say(t("difference {value} points [{low}, {high}]").format(value=points(gap["value"]), low=low, high=high))
    for one in [one for one in found if one.verdict == "worse"][:_WORST]:
        say("")
        say(t("worse      {question}").format(question=one.question))
        say(t("  before   {text}").format(text=one.before))
        say(t("  now      {text}").format(text=one.after))
        say(t("  right    {text}").format(text=one.right))


def _tell_exact(counts: Mapping[str, int], found: Sequence[Compared], *, as_json: bool) -> None:
    if as_json:
        say_json({**counts, "different_turns": [one.id for one in found if one.result == "different"]})
        return
    said = t("{replies} logged replies: {same} said again byte for byte, {different} differ")
    say(said.format(replies=counts["replies"], same=counts.get("same", 0), different=counts.get("different", 0)))
    more = t(
        "{purged} of a time of which something was removed for good; {other} of another version than the model here"
    )
    say(more.format(purged=counts.get("purged", 0), other=counts.get("other_version", 0)))
    for one in [one for one in found if one.result == "different"][:_WORST]:
        note(f"{one.id}  {one.question}")
