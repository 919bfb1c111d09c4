"""From files of service dialogues to the turns of customers and people of the house."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argosy.core.errors import ArgosyError, DataError, MachineError, Problems, raise_all
from argosy.core.knowledge import Speaker, Spoken
from argosy.data.dialogues.chats import chat_turns
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.nested import is_nested, nested_turns
from argosy.data.dialogues.said import Said
from argosy.data.dialogues.speakers import refuse_unanswered, roles_of
from argosy.data.dialogues.tables import table_turns
from argosy.data.files.read import short_names

_CHATS, _LINES = (".txt", ".log"), (".jsonl", ".ndjson")
MORE = (".json", *_CHATS)
"""The ends of the names of files that are read beside tables."""
_TOLD = 4  # turns, from which two dialogues without times that are equal word by word are one
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Turn = tuple[Speaker, str, str, str | None]
"""Role, name, text and time."""


def read_dialogues(paths: Sequence[Path], columns: Columns, account: Account | None = None) -> Iterator[Spoken]:
    """The turns of all dialogues, dialogue after dialogue in the order in which they are first met.

    The turns of a dialogue are in the order of their times where all have one, else as the files have them; what was
    exported twice comes once. ``account`` is told what was left out. Reads every file before the first turn.
    Raises DataError, or several at once, for files that cannot be read, and where it cannot be told who speaks.
    """
    account = Account() if account is None else account
    told: list[list[Said]] = []
    problems: list[ArgosyError] = []
    for path, name in zip(paths, short_names(paths), strict=True):
        try:
            told.append(list(_turns(path, name, columns, account)))
        except Problems as error:
            problems += error.problems
        except DataError as error:
            problems.append(error)
        except OSError as error:
            reason = error.strerror or str(error)
            raise MachineError("The file cannot be read: {reason}.", where=name, reason=reason) from error
    raise_all(problems)
    where = ", ".join(short_names(paths)[:3])
    names = [said.speaker for turns in told for said in turns if said.role is None]
    roles = roles_of(names, columns, where)
    dialogues = _dialogues(told, roles, account)
    if not any(role == "agent" for turns in dialogues.values() for role, *_ in turns):
        refuse_unanswered(list(roles), where)
    account.left = +account.left  # without reasons that never held
    account.dialogues, account.turns = len(dialogues), sum(map(len, dialogues.values()))
    return _spoken(dialogues)


def _turns(path: Path, name: str, columns: Columns, account: Account) -> Iterator[Said]:
    suffix = path.suffix.lower()
    if suffix in _CHATS:
        return chat_turns(path, name, columns, account)
    if suffix == ".json" or (suffix in _LINES and path.is_file() and is_nested(path)):
        return nested_turns(path, name, columns, account)
    return table_turns(path, name, columns, account)


def _dialogues(files: Iterable[Iterable[Said]], roles: dict[str, Speaker], account: Account) -> dict[str, list[_Turn]]:
    """The turns of each dialogue, in their order and each once."""
    found: dict[str, list[_Turn]] = {}
    for turns in files:
        own: dict[str, list[_Turn]] = {}
        for said in turns:
            turn = (said.role or roles[said.speaker], said.speaker, said.text.strip(), said.time)
            own.setdefault(said.dialogue, []).append(turn)
        for dialogue, more in own.items():
            known = found.setdefault(dialogue, [])
            if known[: len(more)] == more:
                account.left["duplicate"] += len(more)
            else:
                known += more
    return _once({dialogue: _in_order(turns, account) for dialogue, turns in found.items()}, account)


def _in_order(turns: list[_Turn], account: Account) -> list[_Turn]:
    """The turns by their times where all have one, without those that an export holds twice."""
    half = len(turns) // 2
    if half > 1 and turns[:half] == turns[half:]:
        account.left["duplicate"] += half
        turns = turns[:half]
    kept = list(dict.fromkeys((at, turn) if turn[3] is None else (-1, turn) for at, turn in enumerate(turns)))
    account.left["duplicate"] += len(turns) - len(kept)
    ordered = [turn for _, turn in kept]
    return sorted(ordered, key=lambda turn: turn[3] or "") if all(turn[3] for turn in ordered) else ordered


def _once(dialogues: dict[str, list[_Turn]], account: Account) -> dict[str, list[_Turn]]:
    """The dialogues without those that are another word by word, unless they are short and told without times."""
    seen: set[tuple[_Turn, ...]] = set()
    found: dict[str, list[_Turn]] = {}
    for dialogue, turns in dialogues.items():
        tells = len(turns) >= _TOLD or any(time for *_, time in turns)
        if tells and tuple(turns) in seen:
            account.left["duplicate"] += len(turns)
        else:
            found[dialogue] = turns
        seen.add(tuple(turns))
    return found


def _spoken(dialogues: dict[str, list[_Turn]]) -> Iterator[Spoken]:
    for dialogue, turns in dialogues.items():
        for index, (role, name, text, time) in enumerate(turns):
            at = None if time is None else _microseconds(time)
            yield Spoken(dialogue=dialogue, index=index, speaker=role, text=text, name=name, at=at)


def _microseconds(time: str) -> int:
    """Since the epoch; a time without a zone is taken to be UTC."""
    return (datetime.fromisoformat(time).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
