"""What owners and lenders of notes put in, as lines: shares and SAFEs at once, notes with interest until they turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.graph.expression import ONE, Expression, Line, number, total
from argosy.venture.graph.model import Heading
from argosy.venture.plan.parts import Note, Raised
from argosy.venture.plan.timeline import YEAR, Writing, begun
from argosy.venture.units import SHARE

_DAYS = 365  # of a year, as notes count them


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The lines of all notes: ``lent`` in cash, ``brought`` from before the plan, interest, shares, what is owed."""

    lent: Line
    brought: Line
    accrued: Line
    turned: Line
    owed: Line


def raised(writing: Writing, found: Sequence[Raised]) -> Line:
    """What is paid for shares and SAFEs, in the period of its day."""
    parts = [
        begun(writing, one.name, one.on, one.title) * total([writing.given(each) for each in one.amounts])
        for one in found
    ]
    return writing.sheet.line(
        "raised",
        total(parts),
        Heading(title="Paid for shares and SAFEs", section="cash", dimension=writing.money),
    )


def noted(writing: Writing, found: Sequence[Note]) -> Notes:
    """What is lent by notes; one from before the plan is owed from its start on, with its cash in the opening."""
    lent: list[Expression] = []
    brought: list[Expression] = []
    accrued: list[Expression] = []
    turned: list[Expression] = []
    owed: list[Expression] = []
    for note in found:
        rate = writing.given(note.rate) * YEAR
        first = _begun(writing, note, rate)
        (brought if _early(writing, note) else lent).append(first)
        accrued.append(writing.given(note.amount) * rate * _years(writing, note))
        whole = Line(f"{note.name}.owed", 1) + first + accrued[-1]
        turns = _turns(writing, note)
        turned.append(whole * turns)
        heading = Heading(
            title="{name}: owed", section="balance", dimension=writing.money, kind="stock", about=note.title
        )
        owed.append(writing.sheet.line(f"{note.name}.owed", whole * (ONE - turns), heading))

    def line(name: str, parts: list[Expression], title: str, section: str) -> Line:
        return writing.sheet.line(name, total(parts), Heading(title=title, section=section, dimension=writing.money))

    return Notes(
        lent=line("notes_lent", lent, "Lent by notes", "cash"),
        brought=line("notes_brought", brought, "Notes from before the plan", "balance"),
        accrued=line("notes_interest", accrued, "Interest of notes, not paid", "profit"),
        turned=line("notes_turned", turned, "Notes turned into shares", "balance"),
        owed=writing.sheet.line(
            "notes", total(owed), Heading(title="Notes", section="balance", dimension=writing.money, kind="stock")
        ),
    )


def _early(writing: Writing, note: Note) -> bool:
    return note.on < writing.sheet.periods[0].start


def _begun(writing: Writing, note: Note, rate: Expression) -> Expression:
    """The amount in the period of its day, or in the first one with its interest so far."""
    if not _early(writing, note):
        return begun(writing, note.name, note.on, note.title) * writing.given(note.amount)
    days = (writing.sheet.periods[0].start - note.on).days
    so_far = writing.given(note.amount) * (ONE + rate * number(days) / number(_DAYS))
    return begun(writing, note.name, None, note.title) * so_far


def _years(writing: Writing, note: Note) -> Line:
    """For what part of a year of 365 days a period bears interest, by its actual days."""
    values = []
    for period in writing.sheet.periods:
        first, last = max(period.start, note.on), min(period.end, note.turns or period.end)
        values.append(Decimal(max((last - first).days, 0)) / _DAYS)
    heading = Heading(title="{name}: years", section="calendar", dimension=SHARE, kind="ratio", about=note.title)
    return writing.sheet.known(f"{note.name}.years", values, heading)


def _turns(writing: Writing, note: Note) -> Line:
    """1 in the period in which it turns into shares, else 0."""
    values = [
        Decimal(note.turns is not None and period.start <= note.turns < period.end) for period in writing.sheet.periods
    ]
    heading = Heading(title="{name}: turns", section="calendar", dimension=SHARE, kind="ratio", about=note.title)
    return writing.sheet.known(f"{note.name}.turns", values, heading)
