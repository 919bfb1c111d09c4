"""What a study says in sentences, in the reader's language: for the page and for the terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.evaluate.intervals import Interval
from argosy.venture.market.positions import Position
from argosy.venture.market.statement import PARTS, Part, leading
from argosy.venture.market.study import Study

Translate = Callable[[str], str]
_BRANDS = 8  # that a line tells
_POINTS = 100
_MILLION, _BILLION = 10**6, 10**9
_OPEN = ("sure", "likely")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The sentences of a study; ``t`` translates."""

    study: Study
    t: Translate

    def needs(self, some: Sequence[int]) -> str:
        """The names of needs, by their numbers."""
        return " + ".join(self.study.mined.needs[at].name for at in some)

    def segment(self, at: int) -> str:
        """What a segment is called: its number, and who they mostly are."""
        who = self.traits(at)
        name = self.t("segment {number}").format(number=at + 1)
        return f"{name} ({who})" if who else name

    def traits(self, at: int) -> str:
        """The most telling value of each attribute that tells a segment apart."""
        return ", ".join(f"{one.attribute} {one.value}" for one in leading(self.study.segmented.segments[at].traits))

    def position(self, one: Position) -> str:
        """A position's name: its needs, and the number of its segment."""
        segment = one.segment
        who = self.t("all customers") if segment is None else self.t("segment {number}").format(number=segment + 1)
        return self.t("{needs} for {segment}").format(needs=self.needs(one.needs), segment=who)

    def segments(self) -> list[str]:
        """A line a segment: its size, its change, its needs, who they are."""
        lines = []
        for at, one in enumerate(self.study.segmented.segments):
            change = (
                ""
                if one.change is None
                else self.t(", {points} points in the later half").format(points=_signed(one.change))
            )
            line = self.t("{number}. {share} of customers{change}: {needs}").format(
                number=at + 1,
                share=percent(one.size),
                change=change,
                needs=", ".join(self.study.mined.needs[need].name for need in one.telling[:4]) or "–",
            )
            who = self.traits(at)
            lines.append(f"{line} · {who}" if who else line)
        return lines

    def spaces(self) -> list[str]:
        """A line for each need that is open, or one that says that none is."""
        some = [one for one in self.study.spaces if one.open in _OPEN and one.satisfaction is not None]
        if not some:
            told = any(one.satisfaction for one in self.study.spaces)
            return [self.t("none: some rival serves each need that matters")] if told else []
        words = {"sure": self.t("surely open"), "likely": self.t("likely open")}
        return [
            self.t("{need}: even {brand} satisfies {met} of 10 ({open})").format(
                need=one.need, brand=one.best, met=figure(one.satisfaction), open=words[one.open]
            )
            for one in some
        ]

    def voice(self) -> list[str]:
        """The shares of voice in one line, and which of them rise or fall."""
        brands = self.study.voice.brands
        if len(brands) < 2:  # noqa: PLR2004 - a share is of several
            return []
        more = "" if len(brands) <= _BRANDS else ", …"
        lines = [", ".join(f"{one.brand} {percent(one.share)}" for one in brands[:_BRANDS]) + more]
        sure = [(one.brand, one.trend) for one in brands[:_BRANDS] if one.trend is not None and one.trend.sure]
        for brand, trend in sure:
            rising = self.t("{brand} rises by {points} points a year ({chance})")
            falling = self.t("{brand} falls by {points} points a year ({chance})")
            lines.append(
                (rising if trend.change.value > 0 else falling).format(
                    brand=brand, points=_points(trend.change), chance=probability(trend.chance)
                )
            )
        if not sure and self.study.voice.periods:
            lines.append(self.t("no trend that stands the test"))
        return lines

    def positions(self, most: int) -> list[str]:
        """The best candidates with their scores and how sure each is first; then what would change the winner."""
        found, doubt = self.study.positions, self.study.sensitivity
        if doubt is None:
            return []
        lines = [
            self.t("{number}. {position}: {score}; first in {weights} of weights, {texts} of resamples").format(
                number=at + 1,
                position=self.position(one),
                score=_score(one.score),
                weights=whole_percent(float(doubt.first[at])),
                texts=whole_percent(float(found.first[at])),
            )
            for at, one in enumerate(found.candidates[:most])
        ]
        return [*lines, self.change()]

    def change(self) -> str:
        """The least change of the weights that puts another position first."""
        found, doubt = self.study.positions, self.study.sensitivity
        if doubt is None or doubt.change is None:
            return self.t("no weights put another position first")
        moves = ", ".join(
            f"{self.criterion(name)} {whole_percent(found.weights[name])} → {whole_percent(new)}"
            for name, new in doubt.change.weights.items()
            if abs(new - found.weights[name]) > 0.0005  # noqa: PLR2004 - half of a tenth of a percent
        )
        return self.t("{position} comes level when {moved} of the weight moves: {moves}").format(
            position=self.position(found.candidates[doubt.change.to]),
            moved=f"{_POINTS * doubt.change.moved:.1f} %",
            moves=moves,
        )

    def criterion(self, name: str) -> str:
        """What a criterion is called."""
        return {
            "need": self.t("need"),
            "gap": self.t("gap"),
            "quality": self.t("own quality"),
            "cost": self.t("cost"),
            "competition": self.t("competition"),
        }[name]

    def statement(self) -> list[str]:
        """The statement, and what was left out of it and why."""
        return [self.sentence(), *self.left_out()] if self.study.statement is not None else []

    def sentence(self) -> str:
        """The statement of what is shown, in one or two sentences."""
        found = self.study.statement
        if found is None:
            return ""
        names: dict[str, str] = {part: self.listed(claim.names) for part, claim in found.claims.items()}
        template = {
            (True, True): self.t("For {who} who need {need}, {name} is a {category} that is good at {benefit}."),
            (True, False): self.t("For {who} who need {need}, {name} is a {category}."),
            (False, True): self.t("For {who} who need {need}, {name} is good at {benefit}."),
            (False, False): self.t("For {who} who need {need}: {name}."),
        }[bool(names["category"]), bool(names["benefit"])]
        who = self.t("customers ({who})").format(who=names["who"])
        said = template.format(**{**names, "who": who if names["who"] else self.t("customers"), "name": found.name})
        if not names["difference"]:
            return said
        unlike = self.t("Unlike {rival}, it satisfies its customers in {difference}.")
        return self.both(said, unlike.format(rival=names["rival"], difference=names["difference"]))

    def both(self, first: str, second: str) -> str:
        """Two sentences, one after the other."""
        return self.t("{first} {second}").format(first=first, second=second)

    def listed(self, names: Sequence[str]) -> str:
        """Names in a sentence."""
        return self.t(" and ").join(names)

    def left_out(self) -> list[str]:
        """What the statement leaves out, with the reason."""
        found = self.study.statement
        if found is None:
            return []
        reasons = [(part, found.claims[part].why) for part in PARTS if found.claims[part].why]
        return [
            self.t("left out: {part}: {why}").format(part=self.part(part), why=self.t(why)) for part, why in reasons
        ]

    def part(self, name: Part) -> str:
        """What a part of the statement is called."""
        names: dict[Part, str] = {
            "who": self.t("for whom"),
            "need": self.t("their need"),
            "category": self.t("category"),
            "benefit": self.t("benefit"),
            "rival": self.t("rival"),
            "difference": self.t("difference"),
        }
        return names[name]

    def proof(self, what: str) -> str:
        """What a figure behind a claim is of."""
        return {
            "share of customers": self.t("share of customers"),
            "share of segment": self.t("share of the segment"),
            "share of mentions": self.t("share of what they speak of"),
            "satisfaction": self.t("satisfaction, of 10"),
            "quality": self.t("own quality"),
            "difference": self.t("lead in satisfaction, of 10"),
        }[what]

    def size(self) -> list[str]:
        """TAM, SAM and SOM."""
        found = self.study.size
        if found is None:
            return []
        names = (self.t("TAM"), self.t("SAM"), self.t("SOM"))
        return [
            self.t("{name} {value} {currency} a year ({low} to {high})").format(
                name=name, value=money(one.value), currency=found.currency, low=money(one.low), high=money(one.high)
            )
            for name, one in zip(names, found.money, strict=True)
        ]


def figure(one: Interval | None, places: int = 1) -> str:
    """A figure with its interval: ``4.3 [3.5, 5.1]``."""
    if one is None:
        return "–"
    return f"{one.value:.{places}f} [{one.low:.{places}f}, {one.high:.{places}f}]"


def percent(one: Interval) -> str:
    """A share with its interval, in percent: ``39 % [31, 45]``."""
    return f"{_POINTS * one.value:.0f} % [{_POINTS * one.low:.0f}, {_POINTS * one.high:.0f}]"


def probability(chance: float) -> str:
    """The chance of a test: ``p = 0.0096``, or that it is below what is told.

    >>> probability(0.00962), probability(1e-9)
    ('p = 0.0096', 'p < 0.0001')
    """
    return "p < 0.0001" if chance < 0.0001 else f"p = {chance:.4f}"  # noqa: PLR2004 - four places are told


def whole_percent(share: float) -> str:
    """A share in whole percents."""
    return f"{_POINTS * share:.0f} %"


def money(value: Decimal) -> str:
    """An amount, short: thousands, millions or billions.

    >>> money(Decimal("172368000")), money(Decimal("1234")), money(Decimal("2500000000"))
    ('172.4 M', '1,234', '2.5 B')
    """
    if value >= _BILLION:
        return f"{value / _BILLION:.1f} B"
    return f"{value / _MILLION:.1f} M" if value >= _MILLION else f"{value:,.0f}"


def _score(one: Interval) -> str:
    return f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"


def _signed(one: Interval) -> str:
    return f"{_POINTS * one.value:+.0f} [{_POINTS * one.low:+.0f}, {_POINTS * one.high:+.0f}]"


def _points(one: Interval) -> str:
    ends = sorted(abs(end) for end in (one.low, one.high)) if one.low * one.high > 0 else [one.low, one.high]
    return f"{_POINTS * abs(one.value):.1f} [{_POINTS * ends[0]:.1f}, {_POINTS * ends[1]:.1f}]"
