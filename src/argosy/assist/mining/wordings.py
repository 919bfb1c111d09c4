"""Answers in nearly the same words, as one wording: what differs from case to case among them becomes a slot."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.assist.mining.facts import Facts, facts
from argosy.assist.mining.mined import Pair
from argosy.data.near import clusters
from argosy.data.sketch import sketches
from argosy.data.slots import Slot, values

_CASE = frozenset({"order", "tracking", "name"})  # always one customer's own
_FEWEST = 3  # different values before they are taken for those of cases
Place = tuple[str, int]
"""A value's name and which of this name it is in its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Pairs (their rows) whose answers are one text but for values; ``near`` is shared by those that differ in facts.

    ``templates`` are the answers with their slots, a row of ``rows`` each.
    """

    rows: tuple[int, ...]
    templates: tuple[str, ...]
    near: int
    facts: Facts


def wordings_of(pairs: Sequence[Pair]) -> list[Wording]:
    """The wordings, ordered by their first row; every row is in one."""
    if not pairs:
        return []
    texts = [pair.answer for pair in pairs]
    found = [values(text) for text in texts]
    masked = [_masked(text, slots, set(_places(slots))) for text, slots in zip(texts, found, strict=True)]
    near = clusters(sketches(masked), lambda rows: [masked[row] for row in rows])
    groups: dict[int, list[int]] = {}
    for row, first in enumerate(near.tolist()):
        groups.setdefault(first, []).append(row)
    split = (_split(first, rows, pairs, found) for first, rows in groups.items())
    return sorted((one for ones in split for one in ones), key=lambda wording: wording.rows)


def _split(near: int, rows: Sequence[int], pairs: Sequence[Pair], found: Sequence[list[Slot]]) -> list[Wording]:
    """The wordings of near-duplicates: apart where their facts are."""
    varying = _varying(rows, pairs, found)
    by_facts: dict[Facts, list[tuple[int, str]]] = {}
    for row in rows:
        slots = found[row]
        places = _places(slots)
        constant = tuple(slot for slot, place in zip(slots, places, strict=True) if place not in varying)
        template = _masked(pairs[row].answer, slots, varying)
        by_facts.setdefault(facts(template, constant), []).append((row, template))
    return [
        Wording(
            rows=tuple(row for row, _ in told),
            templates=tuple(template for _, template in told),
            near=near,
            facts=key,
        )
        for key, told in by_facts.items()
    ]


def _varying(rows: Sequence[int], pairs: Sequence[Pair], found: Sequence[list[Slot]]) -> set[Place]:
    """Which values are those of one case: of their nature, echoed from the question, or different nearly each time."""
    at: dict[Place, Counter[str]] = {}
    varying: set[Place] = set()
    for row in rows:
        for slot, place in zip(found[row], _places(found[row]), strict=True):
            at.setdefault(place, Counter())[slot.value] += 1
            if slot.name in _CASE or slot.value.startswith("[") or _echoed(slot, pairs[row].question):
                varying.add(place)
    of_a_case = any(name in _CASE for name, _ in varying)
    for place, told in at.items():
        often = max(_FEWEST, told.total() / 2)
        if len(told) >= often or (of_a_case and (len(told) > 1 or told.total() == 1)):
            varying.add(place)
    return varying


def _echoed(slot: Slot, question: str) -> bool:
    return slot.name in ("amount", "date") and slot.value in question


def _places(slots: Sequence[Slot]) -> list[Place]:
    seen: Counter[str] = Counter()
    places = []
    for slot in slots:
        places.append((slot.name, seen[slot.name]))
        seen[slot.name] += 1
    return places


def _masked(text: str, slots: Sequence[Slot], chosen: set[Place]) -> str:
    """The text with these values as names in braces."""
    parts, end = [], 0
    for slot, place in zip(slots, _places(slots), strict=True):
        if place in chosen:
            parts += [text[end : slot.start], f"{{{slot.name}}}"]
            end = slot.end
    return "".join([*parts, text[end:]])
