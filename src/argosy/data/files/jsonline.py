"""One line of a JSONL file: its object, or what is wrong with it in words that do not need a parser's manual."""

import json
from collections.abc import Sequence

from argosy.core.errors import ArgosyError, DataError

_SHOWN = 30  # characters


def read_record(line: str, number: int, wanted: Sequence[str], where: str) -> dict[str, object] | ArgosyError:
    """The object of a line, or what is wrong with it.

    Raises DataError for a file that is no JSONL at all: one list, or objects that stand on several lines.
    """
    if number == 1 and line.strip() in ("[", "{"):
        raise _not_by_lines("jq -c ." if "{" in line else "jq -c .[]", where)
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        return _bad_line(line, error.pos, f"{where}, row {number}")
    except (ValueError, RecursionError):  # a number of thousands of digits is a ValueError
        return DataError(
            "This line holds a number too long, or lists in lists too deep, to be read.",
            where=f"{where}, row {number}",
            mend="Mend the line, or delete it.",
        )
    if isinstance(record, list) and number == 1 and any(isinstance(one, dict) for one in record):
        raise _not_by_lines("jq -c .[]", where)
    if not isinstance(record, dict):
        return _no_object(line, f"{where}, row {number}")
    return _nested(record, number, wanted, where) or record


def _nested(record: dict[str, object], number: int, wanted: Sequence[str], where: str) -> ArgosyError | None:
    """What is said of the first wanted value that is a list or an object."""
    for name in wanted:
        if isinstance(value := record.get(name), list | dict):
            return nested_value(name, json.dumps(value, ensure_ascii=False), f"{where}, row {number}")
    return None


def nested_value(column: str, found: str, where: str) -> ArgosyError:
    """What is said of a list or an object where one value is expected."""
    return DataError(
        "The column {column!r} holds {found}: one text or number is expected, not a list or an object.",
        where=where,
        mend="Write the value itself; of several labels choose one, or give their combination a name.",
        column=column,
        found=_cut(found),
    )


def _not_by_lines(command: str, where: str) -> ArgosyError:
    return DataError(
        "This is JSON over several lines or one list; one object a line is expected.",
        where=f"{where}, row 1",
        mend="Write each object on a line of its own, with neither brackets nor commas between: {command}",
        command=command,
    )


def _no_object(line: str, where: str) -> ArgosyError:
    return DataError(
        "This line is not one JSON object: it reads {found!r}.",
        where=where,
        mend='Write one object a line, such as {{"text": "…", "label": "…"}}.',
        found=_cut(line.strip()),
    )


def _bad_line(line: str, at: int, where: str) -> ArgosyError:
    """What is wrong with a line that is no JSON from the character ``at`` on."""
    before, rest = line[:at].rstrip(), line[at:].strip()
    if not line.lstrip().startswith("{"):
        return _no_object(line, where)
    if not rest or (rest[0] == '"' and line.count('"') % 2):
        return DataError(
            "The line breaks off before its object ends: …{found!r}.",
            where=where,
            mend="Complete the line, or delete it if the file was cut there; copy or download the file again.",
            found=line.rstrip()[-_SHOWN:],
        )
    if rest[0] in "}]" or before.endswith(",") or (before.endswith("}") and rest[0] in ",{"):
        return _bad_end(before, rest, where)
    if rest[0] == "'":
        return DataError(
            "Single quotes stand where JSON has double ones: {found!r}.",
            where=where,
            mend="Write the file with json.dumps, not with str: names and texts need double quotes.",
            found=_cut(rest),
        )
    return DataError(
        "This line is no JSON from character {at} on: {found!r}.",
        where=where,
        mend="Mend the line there: a double quote inside a text needs a backslash before it, a line break is \\n.",
        at=at + 1,
        found=_cut(rest),
    )


def _bad_end(before: str, rest: str, where: str) -> ArgosyError:
    """What is wrong behind an object or before its bracket."""
    if rest[0] == ",":
        return DataError(
            "A comma follows the object.",
            where=where,
            mend="Delete the comma: in JSONL the line's end parts the objects.",
        )
    if rest[0] == "{" and before.endswith("}"):
        return DataError(
            "Two objects stand on this line.",
            where=where,
            mend="Start a line for each object.",
        )
    return DataError(
        "A comma or a colon stands before the closing bracket, and nothing follows it.",
        where=where,
        mend="Delete the comma, or write the value that is missing.",
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
