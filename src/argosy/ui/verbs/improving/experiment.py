"""``argosy experiment``: two versions before customers, how many outcomes it takes, and who won."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from argosy.config import file
from argosy.core.experiment import Experiment, Status
from argosy.project.improving.experimenting import Laboratory, Sized, Wish
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.books import books_of
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json

_SECOND = 1_000_000  # microseconds
_NOTHING = "–"


@contextmanager
def opened(folder: Path) -> Iterator[Laboratory]:
    """The experiments of the project in ``folder``; raises ProjectError in one that sells nothing."""
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield Laboratory(books=books_of(shop, database), database=database)


def tell_size(folder: Path, model: str | None, wish: Wish, *, as_json: bool) -> None:
    """How many outcomes an experiment takes."""
    with opened(folder) as laboratory:
        sized = laboratory.size(model, wish)
    if as_json:
        say_json(asdict(sized))
    else:
        _say_size(sized)


def begin(folder: Path, model: str | None, number: int, wish: Wish, *, unproven: bool, as_json: bool) -> None:
    """Divide the traffic."""
    with opened(folder) as laboratory:
        sized = laboratory.size(model, wish)
        one = laboratory.begin(model, number, sized.design, actor(), unproven=unproven)
    if as_json:
        say_json({**asdict(one), "days": sized.days})
        return
    said = t("begun      {id}: version {second} of {model} gets {share:.0%}, version {first} the rest")
    say(said.format(id=one.id, second=one.second, first=one.first, model=one.model, share=one.design.share))
    _say_size(sized)
    note(t("Servers that run follow within a second, once the version is loaded."))


def tell_status(folder: Path, model: str | None, *, as_json: bool) -> None:
    """How the one that runs stands, else the last one."""
    with opened(folder) as laboratory:
        name = laboratory.controls.line(model).model
        kept = laboratory.kept.all(name)
        status = laboratory.status(kept[0]) if kept else laboratory.status(laboratory.running(name))
    _tell(status, as_json=as_json)


def list_all(folder: Path, *, as_json: bool) -> None:
    """Every one, the newest first."""
    with opened(folder) as laboratory:
        statuses = laboratory.statuses()
    if as_json:
        say_json({"experiments": [_plain(one) for one in statuses]})
        return
    heads = (t("experiment"), t("model"), t("versions"), t("begun"), t("state"), t("winner"))
    show_table(heads, [_row(one) for one in statuses])


def end(folder: Path, model: str | None, winner: int | None, *, as_json: bool) -> None:
    """Close the one that runs; the winner answers everybody."""
    with opened(folder) as laboratory:
        status = laboratory.end(laboratory.running(model), winner, actor())
    _tell(status, as_json=as_json)


def _tell(status: Status, *, as_json: bool) -> None:
    if as_json:
        say_json(_plain(status))
        return
    one, found = status.experiment, status.standing
    said = t("{id}: version {first} against version {second} of {model}, begun {at}")
    say(said.format(id=one.id, first=one.first, second=one.second, model=one.model, at=_time(one.begun)))
    said = t("{what:<10} {first} of version {a} ({first_units}), {second} of version {b} ({second_units})")
    say(
        said.format(
            what=_outcome(one.design.outcome),
            first=_share(found.shares[0]),
            second=_share(found.shares[1]),
            a=one.first,
            b=one.second,
            first_units=found.units[0],
            second_units=found.units[1],
        )
    )
    said = t("difference {difference}, between {low:+.3f} and {high:+.3f} whenever you look")
    difference = _NOTHING if found.difference is None else f"{found.difference:+.3f}"
    say(said.format(difference=difference, low=found.low, high=found.high))
    said = t("units      {units} of {wanted}; {waiting} wait, {left_out} left out of tenants that had their most")
    values = {"units": sum(found.units), "wanted": one.design.units}
    say(said.format(waiting=found.waiting, left_out=found.left_out, **values))
    if found.alone:
        said = t("one tenant decides: without the outcomes of {tenant} nobody would have won")
        say(said.format(tenant=found.alone))
    say(_verdict(status))


def _verdict(status: Status) -> str:
    one, found = status.experiment, status.standing
    if status.state == "ended":
        winner = (one.result or {}).get("winner", _NOTHING)
        return t("ended      version {winner} answers everybody").format(winner=winner)
    if status.state == "rolled_back":
        said = t("rolled back: version {second} was stopped ({reason}); close it with: argosy experiment end")
        return said.format(second=one.second, reason=status.reason or _NOTHING)
    if status.state == "decided":
        said = t("decided    version {winner} is better; take it with: argosy experiment end")
        return said.format(winner=one.second if found.winner == "second" else one.first)
    if status.state == "reached":
        said = t("undecided  a difference of {effect} would most likely have shown by now")
        return said.format(effect=one.design.effect)
    days = _NOTHING if status.days is None else f"{status.days:.0f}"
    return t("running    about {days} more days at this pace, if nothing shows earlier").format(days=days)


def _say_size(sized: Sized) -> None:
    design, pace = sized.design, sized.pace
    said = t("to show    a difference of {effect} from {base:.3f} with {power:.0%} power: {units} {what} at most")
    what = t("tenants") if design.by == "tenant" else t("outcomes")
    values = {"effect": design.effect, "base": design.base, "power": design.power}
    say(said.format(units=design.units, what=what, **values))
    say(t("half of the time it takes {units} or fewer, if the difference is there").format(units=sized.needed.half))
    said = t("wrong      with a chance of {alpha:.1%} at most, however often you look")
    say(said.format(alpha=design.alpha))
    if design.by == "request":
        say(t("one tenant counts for {most} outcomes at most").format(most=design.most))
    else:
        said = t("a tenant counts once, with its first {least} outcomes")
        say(said.format(least=design.least))
    said = t("pace       {per_day:.1f} outcomes a day of {tenants} tenants: {days}")
    days = t("it would never end") if sized.days is None else t("about {days:.0f} days").format(days=sized.days)
    say(said.format(per_day=pace.per_day, tenants=pace.tenants, days=days))


def _row(status: Status) -> tuple[str, ...]:
    one: Experiment = status.experiment
    won = {"": _NOTHING, "first": str(one.first), "second": str(one.second)}[status.standing.winner]
    return (one.id, one.model, f"{one.first} / {one.second}", _time(one.begun), _state(status.state), won)


def _plain(status: Status) -> dict[str, Any]:
    one = status.experiment
    winner = {"": None, "first": one.first, "second": one.second}[status.standing.winner]
    return {**asdict(status), "winner": winner}


def _outcome(outcome: str) -> str:
    return {"rating": t("good"), "accuracy": t("right"), "errors": t("no error")}[outcome]


def _state(state: str) -> str:
    return {
        "running": t("running"),
        "decided": t("decided"),
        "reached": t("undecided"),
        "rolled_back": t("rolled back"),
        "ended": t("ended"),
    }[state]


def _share(share: float | None) -> str:
    return _NOTHING if share is None else f"{share:.1%}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / _SECOND).astimezone().isoformat(timespec="seconds")
