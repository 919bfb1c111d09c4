"""Chat exports: lines of plain text that begin with a time and a name, or with a name alone.

A line that begins otherwise goes on with the message before it. Where times are told a dialogue ends with a day of
silence; where none are, with a blank line or a row of dashes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from argosy.core.errors import DataError
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.said import Said, kept
from argosy.data.dialogues.speakers import named_role
from argosy.data.dialogues.stamps import STAMP, times_of
from argosy.data.files.decode import decode
from argosy.data.files.foreign import HEAD, refuse_foreign

_SILENCE = timedelta(days=1)
_NAME = r"(?P<name>[^\s:：\[\]][^:：\n]{0,39}?)"
_START = r"[\u200e\u200f\ufeff\s]*"
_FORMS = (
    re.compile(rf"{_START}\[?{STAMP}\]?\s*(?:[-–—]\s)?\s*{_NAME}\s?[:：](?:\s|$|(?=[^\d/]))(?P<text>.*)"),
    re.compile(rf"{_START}{STAMP}\s+{_NAME}\s*(?P<text>)"),
    re.compile(rf"{_START}{_NAME}\s+{STAMP}\s*(?P<text>)"),
)
_NOTICE = re.compile(rf"{_START}\[?{STAMP}\]?\s*(?:[-–—]\s)?.*")
_NAMED = re.compile(r"\s*(?P<name>[^\s:：<>{}|\d][^:：\n]{0,39}?)\s*(?:[:]\s|[:]$|：)\s*(?P<text>.*)")
_RULE = re.compile(r"\s*[-=*_—─]{3,}\s*")
_NUMBER = re.compile(r"\s*[(（<](?:\d{4,}|[^\s@]+@[^\s@]+)[)）>]$")  # of an account, behind a name
_OFTEN = 2  # times that an unknown name must begin a line to be one


@dataclass(slots=True, kw_only=True)
class _Message:
    """A message while its lines are read; ``part`` is the number of the dialogue that it belongs to."""

    name: str
    lines: list[str]
    part: int
    stamp: tuple[str, str] | None = None


def chat_turns(path: Path, name: str, columns: Columns, account: Account) -> Iterator[Said]:
    """The turns of an export in the order of its lines; raises DataError where no line names a speaker."""
    raw = path.read_bytes()
    refuse_foreign(raw[:HEAD], ".txt", name)
    lines = decode(raw, name, quoted=False).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    counts = [sum(form.fullmatch(line) is not None for line in lines) for form in _FORMS]
    form = _FORMS[counts.index(max(counts))] if any(counts) else None
    messages = _stamped(lines, form, account) if form else _named(lines, columns)
    if not messages:
        raise DataError(
            "No turn is found in this file: no line begins with a speaker's name and a colon, or with a time.",
            where=name,
            mend="Write each turn as `Customer: …` or `Agent: …`, dialogues parted by a blank line, or give a table.",
        )
    yield from (said for said in _parted(messages, name) if kept(said, account))


def _stamped(lines: Iterable[str], form: re.Pattern[str], account: Account) -> list[_Message]:
    """The messages of an export with times; a line with a time and no speaker is a notice of the program."""
    found: list[_Message] = []
    part, open_ = 0, False
    for line in lines:
        if match := form.fullmatch(line):
            stamp = (match["date"], match["clock"])
            name = _NUMBER.sub("", match["name"]).strip()
            found.append(_Message(name=name, lines=[match["text"]], part=part, stamp=stamp))
            open_ = True
        elif _RULE.fullmatch(line):
            part, open_ = part + 1, False
        elif form is _FORMS[0] and _NOTICE.fullmatch(line):
            account.left["notice"] += 1
            open_ = False
        elif open_:
            found[-1].lines.append(line)
        elif line.strip():
            account.left["notice"] += 1  # the head of an export
    return found


def _named(lines: Sequence[str], columns: Columns) -> list[_Message]:
    """The messages of a text without times, in which names that are known, or come often, begin a turn."""
    matches = [_NAMED.fullmatch(line) for line in lines]
    often = Counter(match["name"] for match in matches if match)
    speakers = {name for name, count in often.items() if count >= _OFTEN or named_role(name, columns)}
    found: list[_Message] = []
    ruled = any(_RULE.fullmatch(line) for line in lines)
    part = 0
    for line, match in zip(lines, matches, strict=True):
        if ruled and _RULE.fullmatch(line):
            part += 1
        elif not line.strip():
            part += not ruled
        elif match and match["name"] in speakers:
            found.append(_Message(name=match["name"], lines=[match["text"]], part=part))
        elif found:
            found[-1].lines.append(line)
    sizes = Counter(message.part for message in found)
    if not ruled and sizes and 2 * sum(size == 1 for size in sizes.values()) > len(sizes):
        return [replace(message, part=0) for message in found]  # blank lines between turns, not between dialogues
    return found


def _parted(messages: Sequence[_Message], name: str) -> Iterator[Said]:
    """The turns, each in its dialogue: ``name`` with a number from 1."""
    stamps = [message.stamp for message in messages if message.stamp]
    times = times_of(stamps) if stamps else [None] * len(messages)
    number, before, part = 1, None, messages[0].part
    for message, time in zip(messages, times, strict=True):
        silent = time and before and datetime.fromisoformat(time) - datetime.fromisoformat(before) > _SILENCE
        number += bool(silent or message.part != part)
        before, part = time or before, message.part
        text = "\n".join(message.lines).strip()
        yield Said(dialogue=f"{name}:{number}", speaker=message.name, text=text, time=time)
