"""What is wrong with the labels and rows as a whole, every problem at once, each with its mend."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from argosy.core.errors import ArgosyError, DataError
from argosy.core.records import Example
from argosy.data.files.header import nearest

_NAMED = 10  # problems of one kind told one by one
_MANY = 20  # distinct labels above which a column is looked at with suspicion
_ROWS_PER_LABEL = 5
_IDENTIFIERS = 500  # labels; more of them with fewer rows than that each name people or things, not classes
_DIGITS = re.compile(r"\d")
_LISTED = re.compile(r"\s*[,;|/、，；]\s*")
_VOID = re.compile(
    r"nan|nat|null|<na>|n/a|\\n|#(?:n/a|null!|ref!|value!|div/0!|name\?|num!|spill!|calc!)", re.IGNORECASE
)
_LONGEST_VOID = 20  # characters
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows have a label, and the place of the first."""

    count: int
    place: str


def tally(examples: Iterable[Example], where: str = "") -> dict[str, Tally]:
    """The tally of every label, in the order in which they come."""
    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for example in examples:
        if example.label is not None:
            counts[example.label] += 1
            if example.label not in places:
                places[example.label] = place_of(example, where)
    return {label: Tally(count=count, place=places[label]) for label, count in counts.items()}


def check_labels(labels: Mapping[str, Tally], where: str) -> list[ArgosyError]:
    """Every problem of the labels: only one, a class with one row, spellings that differ by case or spaces.

    A column that is no label column at all (numbers to predict, or a value of its own on every row) is one problem.
    """
    counts = {label: one.count for label, one in labels.items()}
    rows = {label: one.place for label, one in labels.items()}
    if odd := _no_label_column(counts, next(iter(rows.values()), where)):
        return [odd]
    void = [label for label in counts if is_void(label)]
    problems = [_void(label, counts[label], rows[label]) for label in void]
    spelt = _spellings({label: count for label, count in counts.items() if label not in void})
    problems += [_misspelt(wrong, right, counts, rows[wrong]) for wrong, right in spelt.items()]
    listed = [label for label in counts if _is_list(label, counts)]
    problems += [_list(label, counts[label], rows[label]) for label in listed[:_NAMED]]
    told = {*void, *spelt, *listed}
    single = [label for label, count in counts.items() if count == 1 and label not in told]
    problems += [_single(label, counts, rows[label]) for label in single[:_NAMED]]
    if len(single) > _NAMED:
        more = ", ".join(map(repr, single[_NAMED : 4 * _NAMED]))
        problems.append(
            DataError(
                "{count} more labels stand on one row each: {labels}.",
                where=where,
                mend="Add rows of these classes, or leave them out.",
                count=len(single) - _NAMED,
                labels=more,
            )
        )
    if len(set(counts) - {*void, *spelt}) == 1:
        problems.append(_only_class(counts, where))
    return problems


def check_test_labels(train: Iterable[str], test: Mapping[str, Tally]) -> list[ArgosyError]:
    """One error for each label of the test rows that no training row has."""
    known = sorted(set(train))
    return [
        _unknown(label, _typo_of(label, known), one.count, one.place)
        for label, one in test.items()
        if label not in known
    ]


def check_kept(kept: int, reasons: Mapping[str, int], where: str) -> list[ArgosyError]:
    """Whether anything to learn from is left: rows with letters in them that are not all the same text."""
    total = kept + sum(reasons.values())
    if not kept and total:
        return [
            DataError(
                "None of the {total} rows can be used: {reasons}.",
                where=where,
                mend="Check that [data] names the right columns and that the texts are text.",
                total=total,
                reasons=", ".join(f"{reason} {count}" for reason, count in Counter(reasons).most_common()),
            )
        ]
    if kept == 1 and reasons.get("exact_twin"):
        return [
            DataError(
                "All {total} rows hold the same text.",
                where=where,
                mend="Check that [data] text names the right column.",
                total=total,
            )
        ]
    return []


def is_void(cell: str) -> bool:
    """Whether a cell holds what programs write where there is no value: NULL, NaN, #REF! and the like.

    >>> is_void(" #N/A "), is_void("NULL"), is_void("none of it")
    (True, True, False)
    """
    return len(cell) < _LONGEST_VOID and _VOID.fullmatch(cell.strip()) is not None


def rename_line(wrong: str, right: str) -> str:
    """The line of the project file that maps one spelling to another.

    >>> print(rename_line("Positve", "positive"), rename_line(" good", "好评"), sep="; ")
    [data.labels] Positve = "positive"; [data.labels] " good" = "好评"
    """
    hidden = any(unicodedata.category(c) == "Cf" for c in wrong)
    key = wrong if _BARE_KEY.fullmatch(wrong) else json.dumps(wrong, ensure_ascii=hidden)
    return f"[data.labels] {key} = {json.dumps(right, ensure_ascii=False)}"


def place_of(example: Example, where: str) -> str:
    """The file and row that an example came from."""
    file, row = example.meta.get("file", where), example.meta.get("row")
    return f"{file}, row {row}" if row else str(file)


def _no_label_column(counts: Mapping[str, int], where: str) -> ArgosyError | None:
    total, distinct = sum(counts.values()), len(counts)
    if distinct <= _MANY or total >= _ROWS_PER_LABEL * distinct:
        return None
    if all(map(_is_number, counts)):
        return DataError(
            "The labels are {distinct} different numbers on {total} rows: this looks like regression, not classes.",
            where=where,
            mend='To predict the number write  task = "regress"; for classes turn the numbers into a few named ranges.',
            distinct=distinct,
            total=total,
        )
    if distinct * 2 <= total and distinct <= _IDENTIFIERS:
        return None
    return DataError(
        "The label column has {distinct} different values on {total} rows: this looks like text, not like classes.",
        where=where,
        mend="Check that [data] label names the right column.",
        distinct=distinct,
        total=total,
    )


def _sense(label: str) -> str:
    """What spellings of one label share: case, spaces, width and the zeros after a point ("1.0") do not count.

    Nor do characters that nobody sees, such as the byte order mark of a file that was joined to another.
    """
    seen = (c for c in unicodedata.normalize("NFKC", label).casefold() if unicodedata.category(c) not in ("Cf", "Cc"))
    plain = "".join("".join(seen).split())
    return re.sub(r"^(-?\d+)\.0+$", r"\1", plain)


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Each label that is another spelling of a more frequent one, with that one."""
    groups: dict[str, list[str]] = {}
    for label in counts:
        groups.setdefault(_sense(label), []).append(label)
    best = {label: max(group, key=lambda one: counts[one]) for group in groups.values() for label in group}
    return {label: right for label, right in best.items() if label != right}


def _is_list(label: str, counts: Mapping[str, int]) -> bool:
    """Whether a label is two or more of the other labels, parted by a mark: "refund;delivery"."""
    parts = _LISTED.split(label)
    return len(parts) > 1 and all(part != label and counts.get(part, 0) > counts[label] for part in parts)


def _void(label: str, count: int, where: str) -> ArgosyError:
    return DataError(
        "The label {label!r} stands {count} times: it is what a program writes into a cell without a value.",
        where=where,
        mend="Fill in the label, or delete these rows; a class that is meant needs another name:  {line}",
        label=label,
        count=count,
        line=rename_line(label, "…"),
    )


def _list(label: str, count: int, where: str) -> ArgosyError:
    return DataError(
        "The label {label!r} stands {count} times: it lists several labels, and one a row is expected.",
        where=where,
        mend="Choose one of them, or give the combination a name of its own:  {line}",
        label=label,
        count=count,
        line=rename_line(label, "…"),
    )


def _misspelt(wrong: str, right: str, counts: Mapping[str, int], where: str) -> ArgosyError:
    return DataError(
        "The label {wrong!r} stands {wrong_count} times, {right!r} {right_count} times; only the spelling differs.",
        where=where,
        mend="Mend it in the file, or map it:  {line}",
        wrong=wrong,
        wrong_count=counts[wrong],
        right=right,
        right_count=counts[right],
        line=rename_line(wrong, right),
    )


def _typo_of(label: str, others: Sequence[str]) -> str:
    """The label that this one is surely a misspelling of, or nothing: "class_1" is none of "class_11"."""
    if same := [other for other in others if _sense(other) == _sense(label)]:
        return same[0]
    near = nearest(label, others, least=0.88)
    return near if _DIGITS.findall(label) == _DIGITS.findall(near) else ""


def _single(label: str, counts: Mapping[str, int], where: str) -> ArgosyError:
    near = _typo_of(label, [other for other, count in counts.items() if count > 1])
    if near:
        return DataError(
            "The label {label!r} stands once, {near!r} {near_count} times.",
            where=where,
            mend="Mend it in the file, or map it:  {line}",
            label=label,
            near=near,
            near_count=counts[near],
            line=rename_line(label, near),
        )
    return DataError(
        "The label {label!r} stands once: one row can be learnt from or tested on, not both.",
        where=where,
        mend="Add rows of this class, or leave it out.",
        label=label,
    )


def _only_class(counts: Mapping[str, int], where: str) -> ArgosyError:
    label = max(counts, key=lambda one: counts[one])
    return DataError(
        "All {count} rows have the label {label!r}; there must be two labels or more.",
        where=where,
        mend="Add rows with another label, or check that [data] label names the right column.",
        label=label,
        count=sum(counts.values()),
    )


def _unknown(label: str, near: str, count: int, where: str) -> ArgosyError:
    if near:
        return DataError(
            "The label {label!r} stands {count} times in the test rows and never in the training rows.",
            where=where,
            mend="Mend it in the file, or map it:  {line}",
            label=label,
            count=count,
            line=rename_line(label, near),
        )
    return DataError(
        "The label {label!r} stands {count} times in the test rows and never in the training rows.",
        where=where,
        mend="Add training rows of this class, or leave these test rows out.",
        label=label,
        count=count,
    )
