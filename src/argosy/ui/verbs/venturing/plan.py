"""``argosy plan``: what the venture of ``venture.toml`` comes to, and an example to begin with."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from rich.cells import set_cell_size

from argosy.config.venture.file import FILE
from argosy.core.errors import ProjectError
from argosy.project.venturing.studying import Studied, study, told
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.venturing.example import example
from argosy.venture.deck.workbook import write
from argosy.venture.figures import Figure
from argosy.venture.graph.model import Row
from argosy.venture.plan.team import skills
from argosy.venture.plan.verdict import YEARLY, Reached, years

_WIDE = 11


def new(folder: Path, *, as_json: bool) -> None:
    """Write the example; raises ProjectError where a file is already there, which is left as it is."""
    place = folder / FILE
    if place.exists():
        raise ProjectError("There is a plan already.", where=str(place), mend="Give another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    place.write_text(example(FILE), encoding="utf-8")
    if as_json:
        say_json({"written": str(place)})
        return
    say(t("wrote      {path}: its figures are made up; put your own in their place").format(path=place))
    say(t("next       argosy plan --in {folder}").format(folder=folder))


def workbook(folder: Path, out: Path, *, as_json: bool) -> None:
    """Write the plan as a workbook; raises ProjectError where a file is there already."""
    if out.exists():
        raise ProjectError("There is a file already.", where=str(out), mend="Give another name.")
    studied = study(folder)
    write(studied.model, studied.values, studied.parts.worth, out, t)
    if as_json:
        say_json({"written": str(out)})
    else:
        say(t("wrote      {path}").format(path=out))


def show(folder: Path, *, figures: bool, lines: bool, team: bool, as_json: bool) -> None:
    """The plan on one screen, or its figures, its lines, or its team."""
    studied = study(folder)
    if as_json:
        say_json(told(studied))
    elif figures:
        heads = (t("figure"), t("value"), t("unit"), t("from"), t("to"), t("origin"), t("where, or why"))
        show_table(heads, [_figure(one) for one in studied.model.figures.values()])
    elif lines:
        show_table(*_by_year(studied, studied.model.rows))
    elif team:
        _team(studied)
    else:
        _screen(studied)


def _screen(studied: Studied) -> None:
    periods = studied.model.periods
    head = t("{name} · plan · {currency}").format(name=studied.venture.venture.name, currency=studied.parts.currency)
    say(f"{head}    {periods[0].label} – {periods[-1].label}")
    show_table(*_by_year(studied, [studied.model.row(name) for name in YEARLY]))
    for line in (*_worth(studied), *_cash(studied), *_milestones(studied), *_floors(studied), *_origins(studied)):
        say(line)


def _by_year(studied: Studied, rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Lines with their years; ratios have none, and are told for the last period."""
    told_years = sorted({one.year for one in studied.model.periods})
    last = studied.model.periods[-1].label
    heads = ["", *(f"{year:>{_WIDE}}" for year in told_years), f"{last:>{_WIDE}}"]
    found = []
    for row in rows:
        by_year = years(studied.model, studied.values, row.name)
        cells = [_number(by_year[year]) for year in told_years]
        end = "" if row.kind == "flow" else _number(studied.values[row.name][-1])
        found.append([title(row), *cells, f"{end:>{_WIDE}}"])
    return heads, found


def _team(studied: Studied) -> None:
    """Who is paid what, by year, and which skills are needed before they are there."""
    names = [one.name for one in studied.parts.roles]
    rows = [studied.model.row(f"{name}.{part}") for name in names for part in ("hired", "paid")]
    show_table(*_by_year(studied, [*rows, studied.model.row("people")]))
    say("")
    label: dict[int | None, str] = {one.number: one.label for one in studied.model.periods} | {None: "–"}
    heads = (t("skill"), t("needed for"), t("by"), t("there from"), t("who has it"), t("people"), "")
    show_table(
        heads,
        [
            (
                one.name,
                "–" if one.needed is None else one.needed.title,
                label[one.by],
                label[one.there],
                ", ".join(one.roles) or "–",
                str(one.people),
                t("missing") if one.missing else t("one person alone") if one.alone else "",
            )
            for one in skills(studied.parts, studied.model, studied.values)
        ],
    )


def title(row: Row) -> str:
    """A row's title in the reader's language."""
    return t(row.title).format(name=row.about)


def _worth(studied: Studied) -> Iterator[str]:
    returns = studied.returns
    if returns is None:
        yield t("worth      not reckoned: [worth] discount is missing")
        return
    yield t("worth      NPV {npv} at {rate} % a year (the first flow a month from the start, as Excel's NPV)").format(
        npv=_plain(returns.npv), rate=_percent(returns.discount)
    )
    rates = returns.irr.rates
    if returns.irr.only is not None:
        yield t("           IRR {rate} % a year").format(rate=_percent(returns.irr.only))
    elif rates:
        yield t("           IRR: {rates} % all bring the NPV to 0: it decides nothing here").format(
            rates=", ".join(_percent(one) for one in rates)
        )
    else:
        yield t("           IRR: there is none: no rate brings the NPV to 0")
    if returns.mirr is not None:
        yield t("           MIRR {rate} % a year").format(rate=_percent(returns.mirr))
    if returns.roi is not None:
        yield t("           ROI {rate} % of what is put in").format(rate=_percent(returns.roi))
    never = t("not in this plan")
    yield t("           paid back after months: {months}; discounted: {discounted}").format(
        months=never if returns.payback is None else returns.payback,
        discounted=never if returns.discounted_payback is None else returns.discounted_payback,
    )


def _cash(studied: Studied) -> Iterator[str]:
    periods, cash = studied.model.periods, studied.cash
    if cash.out is None:
        yield t("cash       never below {lowest}, in {period}").format(
            lowest=_plain(cash.lowest), period=periods[cash.when].label
        )
    else:
        yield t("cash       gone in {out}; {needed} more are needed, most in {period}").format(
            out=periods[cash.out].label, needed=_plain(-cash.lowest), period=periods[cash.when].label
        )
    if studied.break_even is None:
        yield t("break-even not in this plan")
    else:
        yield t("break-even {period}: no loss from then on").format(period=periods[studied.break_even].label)


def _milestones(studied: Studied) -> Iterator[str]:
    for number, one in enumerate(studied.milestones):
        head = t("milestones") if not number else ""
        line = t("{title}, {day}: cash {cash}, runway {runway}, spent {spent}, people {people}").format(
            title=one.milestone.title,
            day=f"{one.milestone.on:%Y-%m}",
            cash=_plain(one.cash),
            spent=_plain(one.spent),
            people=f"{one.people:.1f}",
            runway="–" if one.runway is None else t("{months} months").format(months=f"{one.runway:.0f}"),
        )
        yield f"{set_cell_size(head, 10)} {line}{''.join(f'; {reason}' for reason in _against(one))}"


def _against(one: Reached) -> Iterator[str]:
    if one.unpaid:
        yield t("cash is gone before")
    if one.ownerless:
        yield t("nobody is there who owns it")
    if one.missing:
        yield t("nobody can: {skills}").format(skills=", ".join(one.missing))
    if one.late:
        yield t("later than it: {names}").format(names=", ".join(one.late))


def _floors(studied: Studied) -> Iterator[str]:
    for number, one in enumerate(studied.floors):
        head = t("floors") if not number else ""
        line = t("{name}: {price} {unit}; the target margin needs {serving} for serving alone, {all} for all costs")
        yield f"{set_cell_size(head, 10)} " + line.format(
            name=one.name,
            price=_plain(one.price),
            unit=one.unit,
            serving=_plain(one.serving, 2),
            all=_plain(one.all, 2),
        )


def _origins(studied: Studied) -> Iterator[str]:
    kinds = [one.origin.kind for one in studied.model.figures.values()]
    yield t("origins    {count} figures: {measured} measured, {sourced} sourced, {assumed} assumed").format(
        count=len(kinds),
        measured=kinds.count("measured"),
        sourced=kinds.count("sourced"),
        assumed=kinds.count("assumed"),
    )


def _figure(one: Figure) -> list[str]:
    words = {"measured": t("measured"), "sourced": t("sourced"), "assumed": t("assumed")}
    low, high = ("" if bound is None else _plain(bound, 6) for bound in (one.low, one.high))
    where = one.origin.where + (f" ({one.origin.day})" if one.origin.day else "")
    return [one.name, _plain(one.value, 6), one.unit.text, low, high, words[one.origin.kind], where]


def _number(value: Decimal | None) -> str:
    """Right-aligned; whole where it is large, two places else; undefined is a dash."""
    text = "–" if value is None else _plain(value, 0 if abs(value) >= 100 else 2)  # noqa: PLR2004 - three digits are enough
    return f"{text:>{_WIDE}}"


def _plain(value: Decimal, places: int = 0) -> str:
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.1f}"
