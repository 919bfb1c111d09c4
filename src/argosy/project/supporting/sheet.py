"""The sheet of stored answers: a table that goes out to be decided on in Excel, and comes back.

Texts of other people never become formulas: what would begin one has an apostrophe before it, which goes on the way
back. Only the columns ``id``, ``decision`` and ``new text`` are read; a row that cannot be read costs no other row.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.files.cells import harmless, plain
from argosy.data.files.header import missing_columns
from argosy.data.files.read import first_row, read_table
from argosy.data.files.write import write_table

ID, DECISION, TEXT = "id", "decision", "new text"
_TOLD = ("questions", "answer", "slots", "given", "agents", "last", "conflicts", "expired")
_EXAMPLES = 5  # questions that are shown of an answer
_LONGEST = 8000  # characters of a cell
_APPROVE = frozenset({"approve", "approved", "yes", "y", "ok", "true", "x", "1", "通过", "批准", "同意", "是", "通過"})
_REFUSE = frozenset({"refuse", "refused", "reject", "rejected", "no", "n", "false", "0", "拒绝", "拒絕", "驳回", "否"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided on a stored answer; ``text`` are the words to give instead, "" for those that it has."""

    id: str
    approved: bool
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decisions of a sheet in its order, and what is wrong with rows, which were passed over."""

    decisions: tuple[Decision, ...]
    problems: tuple[ArgosyError, ...]


def write_sheet(answers: Iterable[Mapping[str, Any]], path: Path) -> int:
    """Write stored answers, told as the desk tells them, as .csv, .xlsx or .jsonl; how many there are.

    Raises DataError for another ending, MachineError when the system refuses.
    """
    rows = [_row(answer) for answer in answers]
    columns = (ID, *_TOLD, DECISION, TEXT)
    write_table(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"), path)
    return len(rows)


def read_sheet(path: Path, known: Collection[str]) -> Decided:
    """What was decided, in UTF-8 or GB18030, with commas or semicolons; ``known`` are the ids that there are.

    Rows without a decision are left open. Raises DataError where the file is no such sheet.
    """
    frame = read_table(path, (ID, DECISION))
    raise_all(missing_columns(frame, (ID, DECISION), path.name))
    columns = [
        [plain(cell) for cell in frame[name]] if name in frame.columns else [""] * frame.height
        for name in (ID, DECISION, TEXT)
    ]
    often = Counter(name for name, decision, _ in zip(*columns, strict=True) if name and decision)
    found: list[Decision] = []
    problems: list[ArgosyError] = []
    for number, (name, decision, text) in enumerate(zip(*columns, strict=True), first_row(path)):
        where = f"{path.name}, row {number}"
        try:
            if (decided := _decided(name, decision, text, where)) is None:
                continue
            _check(name, known, often[name], where)
            found.append(decided)
        except DataError as error:
            problems.append(error)
    return Decided(decisions=tuple(found), problems=tuple(problems))


def _decided(name: str, decision: str, text: str, where: str) -> Decision | None:
    """The decision of a row; None where it has none."""
    word = decision.casefold().strip(" .。!！")
    if word in _APPROVE or word in _REFUSE:
        return Decision(id=name, approved=word in _APPROVE, text=text)
    if word:
        raise DataError(
            "The decision {decision!r} is not known; it is approve (通过), refuse (拒绝), or empty.",
            where=where,
            mend="Write one of these in the row of {name!r}.",
            decision=decision,
            name=name,
        )
    if text:
        raise DataError(
            "There are new words for {name!r} but no decision.",
            where=where,
            mend="Write approve (通过) beside them if they are to be said.",
            name=name,
        )
    return None


def _check(name: str, known: Collection[str], often: int, where: str) -> None:
    if name not in known:
        raise DataError(
            "There is no stored answer {name!r}.",
            where=where,
            mend="Write the sheet anew: argosy support answers sheet",
            name=name,
        )
    if often > 1:
        raise DataError(
            "{name!r} is decided on in {often} rows.", where=where, mend="Leave one of them.", name=name, often=often
        )


def _row(answer: Mapping[str, Any]) -> tuple[str, ...]:
    keys: Sequence[str] = answer["keys"]
    clashes = (f"{_day(one['dropped_at'])} {one['dropped_text']} | {_day(one['kept_at'])} {one['kept_text']}"
               for one in answer["conflicts"])  # fmt: skip
    told = (
        "\n".join(keys[:_EXAMPLES]),
        answer["text"],
        ", ".join(answer["slots"]),
        str(answer["given"]),
        ", ".join(answer["agents"]),
        _day(answer["last"]),
        "\n".join(clashes),
        "\n".join(f"{one['reason']} {one['told']}" for one in answer["expired"]),
    )
    decision = {None: "", True: "approve", False: "refuse"}[answer["approved"]]
    return (answer["id"], *(harmless(cell[:_LONGEST]) for cell in told), decision, "")


def _day(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1e6, UTC).date().isoformat()
