"""Dialogues in JSON: one an element of a list or one a line, with its turns in a list of its own."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.said import Said, kept
from argosy.data.documents.faq import pair_of
from argosy.data.examples import added_up
from argosy.data.files.decode import decode
from argosy.data.files.jsonline import read_record
from argosy.data.times import parse_time, parse_times

_LISTS = ("turns", "messages", "conversation", "conversations", "dialogue", "dialog", "utterances", "对话", "消息")
_OUTER = ("dialogues", "conversations", "data", "items", "chats", "tickets")
_IDS = ("id", "dialogue_id", "dialog_id", "conversation_id", "session_id", "chat_id", "ticket_id")
_SPEAKERS = ("role", "speaker", "from", "sender", "author", "name")
_TEXTS = ("text", "content", "value", "message", "utterance", "body")
_TIMES = ("time", "timestamp", "created_at", "sent_at", "date", "at", "ts")
_SHOWN = 5  # problems that are told one by one


def is_nested(path: Path) -> bool:
    """Whether a JSONL file has a dialogue a line: its first line has a list of turns."""
    with path.open("rb") as file:
        line = next((line for line in file if line.strip()), b"")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False  # what is wrong with it is told where rows are read
    return isinstance(record, dict) and _turns_of(record) is not None


def nested_turns(path: Path, name: str, columns: Columns, account: Account) -> Iterator[Said]:
    """The turns of every dialogue in order; raises DataError, or several at once, for what cannot be read as such."""
    text = decode(path.read_bytes(), name, quoted=False)
    problems: list[ArgosyError] = []
    for number, record in _lines(text, name, problems) if path.suffix.lower() != ".json" else _elements(text, name):
        for said in _dialogue(record, number, name, columns, problems):
            if kept(said, account):
                yield said
    raise_all(added_up(problems)[:_SHOWN])


def _lines(text: str, where: str, problems: list[ArgosyError]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            record = read_record(line, number, (), where)
            if isinstance(record, ArgosyError):
                problems.append(record)
            else:
                yield number, record


def _elements(text: str, where: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            "This is no JSON that can be read: {reason}.",
            where=where,
            mend="Export it again; a file with an object a line ends in .jsonl.",
            reason=str(error),
        ) from error
    if isinstance(whole, dict) and _turns_of(whole) is None:
        whole = next((whole[key] for key in _OUTER if isinstance(whole.get(key), list)), whole)
    for number, record in enumerate(whole if isinstance(whole, list) else [whole], start=1):
        if not isinstance(record, dict):
            raise _no_dialogue(where, number, json.dumps(record, ensure_ascii=False))
        yield number, record


def _dialogue(
    record: Mapping[str, Any], number: int, where: str, columns: Columns, problems: list[ArgosyError]
) -> Iterator[Said]:
    """The turns of one record: a dialogue, a question with its answer, or one turn."""
    name = _first(record, (columns.dialogue, *_IDS)) or f"{where}:{number}"
    turns, place = _turns_of(record), f"{where}, row {number}"
    if turns is None and (pair := pair_of(list(record))):
        time = _time(record, columns, place, problems)
        yield Said(dialogue=f"{where}:{number}", speaker="", text=_text(record[pair[0]]), time=time, role="customer")
        yield Said(dialogue=f"{where}:{number}", speaker="", text=_text(record[pair[1]]), time=time, role="agent")
        return
    if turns is None and columns.text in record and columns.speaker in record:
        turns = [record]
    if turns is None:
        problems.append(_no_dialogue(where, number, ", ".join(map(repr, record))))
        return
    for turn in turns:
        if not isinstance(turn, dict):
            problems.append(_no_dialogue(where, number, json.dumps(turn, ensure_ascii=False)))
            return
        text = next((turn[key] for key in (columns.text, *_TEXTS) if key in turn), "")
        speaker, time = _first(turn, (columns.speaker, *_SPEAKERS)), _time(turn, columns, place, problems)
        yield Said(dialogue=name, speaker=speaker, text=_text(text), time=time)


def _turns_of(record: Mapping[str, Any]) -> list[Any] | None:
    return next((record[key] for key in _LISTS if isinstance(record.get(key), list)), None)


def _first(record: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """The first of these values that is a text or a number; of an object its name."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, dict):
            value = value.get("name") or value.get("role")
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _text(value: Any) -> str:
    """A text, or the texts among the parts that a message is made of."""
    if isinstance(value, list):
        return "\n".join(part["text"] for part in value if isinstance(part, dict) and isinstance(part.get("text"), str))
    return value if isinstance(value, str) else "" if value is None else str(value)


def _time(turn: Mapping[str, Any], columns: Columns, place: str, problems: list[ArgosyError]) -> str | None:
    """The time of a turn; where the project names the key, a value that is no time is a problem."""
    if columns.time is not None and (told := _first(turn, (columns.time,))):
        times, wrong = parse_times([told], columns.time, [place])
        problems += wrong
        return times[0]
    return parse_time(_first(turn, _TIMES))


def _no_dialogue(where: str, number: int, found: str) -> DataError:
    return DataError(
        "This is no dialogue: a list of turns is expected under one of {names}; it holds {found}.",
        where=f"{where}, row {number}",
        mend='Give each dialogue as {{"id": "1", "turns": [{{"speaker": "agent", "text": "…"}}]}}.',
        names=", ".join(_LISTS[:3]),
        found=found[:120],
    )
