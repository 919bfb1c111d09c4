"""The facts of a story in a reader's language: figures with their origins, lines with their sheets, results."""

from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.deck.cited import Cite, Fact
from argosy.venture.deck.story import Story, Translate
from argosy.venture.deck.words import in_words, titled
from argosy.venture.deck.workbook import MESSAGES as SHEETS
from argosy.venture.figures import Figure
from argosy.venture.graph.model import Row
from argosy.venture.plan.verdict import years
from argosy.venture.units import SHARE

_TIMES = ("ltv_to_cac", "burn_multiple", "magic_number")  # shares that are told as so many times
_WHOLE = 100  # from here on without places
_A_MONTH = "1/month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells a story by way of ``t``, which translates."""

    story: Story
    t: Translate

    def figure(self, one: Figure) -> Cite:
        """A figure's value and unit."""
        words = {"measured": self.t("measured"), "sourced": self.t("sourced"), "assumed": self.t("assumed")}
        unit = f" {in_words(one.unit.text, self.t)}".replace(" %", "%")
        where = one.origin.where + (f" ({one.origin.day})" if one.origin.day else "")
        span = "" if one.low is None or one.high is None else f"{number(one.low, 6)} – {number(one.high, 6)}"
        shown = f"{number(one.value, 6)}{unit}"
        fact = Fact(
            name=one.name,
            title=self.named(one.name),
            shown=shown,
            origin=words[one.origin.kind],
            where=where,
            span=span,
        )
        return Cite(shown, fact)

    def named(self, name: str) -> str:
        """What a figure is called."""
        return titled(self.story, name, self.t)

    def owner(self, name: str) -> str:
        """The title of a role; its name where the plan has no such role."""
        return next((one.title for one in self.story.parts.roles if one.name == name), name)

    def result(self, name: str, title: str, shown: str, how: str) -> Cite:
        """What was reckoned from figures, and how."""
        return Cite(shown, Fact(name=f"={name}", title=title, shown=shown, origin=self.t("reckoned"), where=how))

    def line(self, name: str, *, ends: bool = False) -> Cite:
        """A line's title; what it is by year, or at the ``ends`` of years, stands in its fact."""
        row, story = self.story.model.row(name), self.story
        shown = "; ".join(
            f"{year}: {cell}" for year, cell in zip(story.years, self.cells(name, ends=ends), strict=True)
        )
        where = self.sheet(row)
        if ends:
            where = self.t("{line}, last month of the year").format(line=where)
        key = f"={name}{'.ends' if ends else ''}"
        fact = Fact(name=key, title=self.title(row), shown=shown, origin=self.t("reckoned"), where=where)
        return Cite(self.title(row), fact)

    def monthly(self, name: str) -> Cite:
        """A line's title for what is shown month by month, too many to be listed: its first and last value."""
        row, values, story = self.story.model.row(name), self.story.values[name], self.story
        first, last = self._shown(row, [values[0], values[-1]])
        shown = f"{story.label(0)}: {first}; …; {story.label(len(values) - 1)}: {last}"
        fact = Fact(
            name=f"={name}.months",
            title=self.title(row),
            shown=shown,
            origin=self.t("reckoned"),
            where=self.sheet(row),
        )
        return Cite(self.title(row), fact)

    def cells(self, name: str, *, ends: bool = False) -> list[str]:
        """A line by year, or at the ends of years; a dash where it is undefined."""
        row, story = self.story.model.row(name), self.story
        if ends:
            values = [story.values[name][story.last_of(year)] for year in story.years]
        else:
            values = list(years(story.model, story.values, name).values())
        return self._shown(row, values)

    def _shown(self, row: Row, values: list[Decimal | None]) -> list[str]:
        """Values of a line: percent for shares, whole for money and where one is large."""
        if str(row.dimension) == _A_MONTH or (row.dimension == SHARE and row.name not in _TIMES):
            return ["–" if value is None else percent(value) for value in values]
        money = str(row.dimension) == self.story.parts.currency
        large = any(value is not None and abs(value) >= _WHOLE for value in values)
        return ["–" if value is None else number(value, 0 if money or large else 2) for value in values]

    def title(self, row: Row) -> str:
        """A row's title."""
        return self.t(row.title).format(name=row.about)

    def sheet(self, row: Row) -> str:
        """Where a line stands in the workbook."""
        return self.t("line of that name on the workbook's sheet {sheet}").format(sheet=self.t(SHEETS[row.section]))

    def amount(self, value: Decimal) -> str:
        """Money in the plan's currency."""
        return f"{number(value)} {self.story.parts.currency}"


def number(value: Decimal, places: int = 0) -> str:
    """With commas at thousands, without zeros at the end.

    >>> number(Decimal("1234.50"), 2), number(Decimal("-0.2"))
    ('1,234.5', '0')
    """
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def percent(share: Decimal | float) -> str:
    """A share in percent, to a tenth.

    >>> percent(Decimal("0.125"))
    '12.5%'
    """
    return f"{share * 100:,.1f}%"
