"""``argosy plan board``: the live ledger's key figures beside the plan, on one screen and as a page."""

from pathlib import Path

from argosy.core.artifact import write_atomically
from argosy.project.venturing.actuals import Board, board
from argosy.project.venturing.boards import told
from argosy.ui.speech import language, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.venturing import board_words as words
from argosy.ui.verbs.venturing.board_page import page
from argosy.venture.actual.cohorts import at_age

_MONTHS = 6  # that the screen shows
_AGES = 5
_CUSTOMERS = 5


def show(folder: Path, out: Path | None, *, as_json: bool) -> None:
    """The board; with ``out`` also as a page of one file."""
    found = board(folder)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(out, page(found, t, language))
    if as_json:
        say_json({**told(found), "page": None if out is None else str(out)})
        return
    _screen(found)
    if out is not None:
        say(t("page       {path}").format(path=out))


def _screen(found: Board) -> None:
    live = found.live
    head = t("{name} · board · {currency}").format(name=found.name, currency=live.currency)
    say(f"{head}    {t('{day}; {month} is not over').format(day=live.today, month=live.months[-1])}")
    if not live.members:
        say(t("There is no tenant yet: argosy tenant new"))
        return
    show_table(("", "", ""), list(words.facts(found, t)))
    say("")
    say(t("month by month; * is not over"))
    show_table(words.month_heads(t), [words.month_row(one) for one in found.months[-_MONTHS:]])
    _beside(found)
    _contradicted(found)
    _cohorts(found)
    _margins(found)
    say("")
    say(t('kept       {path}: figures may name it, as measured = "ledger:KEY"').format(path=found.kept_in))


def _beside(found: Board) -> None:
    say("")
    both = [(one, point) for one in found.lines if (point := words.last_over(one)) is not None]
    if both:
        say(t("actual against plan, {month}").format(month=both[0][1].month))
        show_table(words.beside_heads(t), [words.beside_row(one, point, t) for one, point in both])
    elif not found.actual.plans:
        say(t('against plan: name what is sold, such as [actual.plans] desk = "pro"'))
    elif not found.months_fit:
        say(t("against plan: not reckoned, since the plan's periods are no months"))
    else:
        say(t("against plan: no month of the plan is over yet"))
    if found.apart:
        say(t("in no line of the plan: {plans}").format(plans=", ".join(found.apart)))


def _contradicted(found: Board) -> None:
    for one in found.held:
        said, line = words.held_words(found, one, t)
        if line:
            say(t("contradicts  {said}").format(said=said))
            say(t("             write under {line}").format(line=line))
        else:
            say(t("agrees       {said}").format(said=said))


def _cohorts(found: Board) -> None:
    say("")
    if not found.cohorts:
        say(t("cohorts: nobody has paid in a month that is over"))
        return
    say(t("cohorts by the month of their first payment: who still pays, months later"))
    heads = (t("month"), t("customers"), *(f"+{age}" for age in range(1, _AGES)))
    rows = [words.cohort_row(one, _AGES) for one in found.cohorts[-_MONTHS:]]
    pooled = [at_age(found.cohorts, age) for age in range(_AGES)]
    show_table(heads, [*rows, (t("all"), words.whole(pooled[0].rows), *map(words.share, pooled[1:]))])


def _margins(found: Board) -> None:
    if found.whole is None:
        return
    say("")
    say(t("margin, {first} – {last}").format(first=found.spent[0], last=found.spent[-1]))
    rows = [words.margin_row(one, one.name) for one in found.plans]
    show_table(words.margin_heads(t("plan"), t), [*rows, words.margin_row(found.whole, t("all"))])
    say(t("cost of serving: {origin}").format(origin=words.origin(found.whole.behind, t)))
    say("")
    say(t("the customers with the lowest margin"))
    members = [words.margin_row(one, found.title(one.name)) for one in found.members[:_CUSTOMERS]]
    show_table(words.margin_heads(t("customer"), t), members)
