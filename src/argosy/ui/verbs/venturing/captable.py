"""``argosy captable``: who owns a venture, round by round, what each gets of an exit, and the table as a package."""

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.project.venturing.owning import owned as found
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.financing.equity import Stage
from argosy.venture.financing.exits import Exit
from argosy.venture.financing.ocf.register import Register
from argosy.venture.financing.ocf.write import write as write_package
from argosy.venture.financing.ownership import Owned, exits, ownership


def show(place: Path, values: Sequence[str], costs: float, *, as_json: bool) -> None:
    """Holdings, and payouts at each exit of ``values`` and wherever they change; ``costs`` are percent of an exit."""
    register, stages = found(place)
    owned = ownership(register)
    paid = exits(register, [_value(one) for one in values], Fraction(str(costs)) / 100) if values else ()
    if as_json:
        say_json({**_told(register, owned, paid), "stages": [_stage(one) for one in stages]})
        return
    head = t("{company}, {day}, {currency}")
    say(head.format(company=register.company, day=register.day, currency=register.currency))
    if stages:
        _by_round(stages)
    heads = (t("holder"), t("of"), t("shares"), t("of all"))
    show_table(heads, [(one.holder or "–", one.what, _whole(one.shares), _percent(one.share)) for one in owned])
    for one in paid:
        _exit(one)
    if register.unread:
        say(t("not read, since it moves no shares: {kinds}").format(kinds=", ".join(register.unread)))


def _exit(one: Exit) -> None:
    price = f"{float(one.price):,.4f}"
    names = ", ".join(sorted(one.converted)) or "–"
    line = t("exit at {value}: {price} a common share; converted: {names}")
    say(line.format(value=_whole(one.value), price=price, names=names))
    words = {
        "covered": t("is covered"),
        "exercises": t("exercises"),
        "capped": t("is capped"),
        "converts": t("converts"),
    }
    for turn in one.turns:
        say(t("  from here on {name} {turn}").format(name=turn.name, turn=words[turn.turn]))
    show_table((t("holder"), t("gets"), t("of all")), _payouts(one))


def _by_round(stages: Sequence[Stage]) -> None:
    """What each holder owns after each stage, and what rounds did."""
    holders = dict.fromkeys(holder for one in stages for holder in one.parts)
    rows = [
        [holder or t("free for awards"), *(_percent(one.parts.get(holder, Fraction(0))) for one in stages)]
        for holder in holders
    ]
    show_table([t("of all, after"), *(f"{one.name} {one.day:%Y-%m}" for one in stages)], rows)
    for one in stages:
        if one.closed is None:
            continue
        line = t("{name}: {price} a share; {sold} shares sold, the pool grew by {growth}")
        say(
            line.format(
                name=one.name,
                price=f"{float(one.closed.price):,.4f}",
                sold=_whole(one.closed.sold),
                growth=_whole(one.closed.growth),
            )
        )
        for each in one.closed.conversions:
            converts = t("  {id} converts into {shares} shares at {price}")
            say(converts.format(id=each.id, shares=_whole(each.shares), price=f"{float(each.price):,.4f}"))
        for kind, ratio in one.closed.adjusted.items():
            say(
                t("  {kind} is protected: one share is {ratio} common ones from here on").format(
                    kind=kind, ratio=f"{float(ratio):.4f}"
                )
            )


def write(place: Path, out: Path, *, as_json: bool) -> None:
    """The cap table as a package; raises ProjectError where a file is there already."""
    if out.exists():
        raise ProjectError("There is a file already.", where=str(out), mend="Give another name.")
    write_package(found(place)[0], out, made=datetime.now(UTC))
    if as_json:
        say_json({"written": str(out)})
    else:
        say(t("wrote      {path}").format(path=out))


def _payouts(one: Exit) -> list[tuple[str, str, str]]:
    whole = one.value
    return [(name, _whole(paid), _percent(paid / whole) if whole else "–") for name, paid in one.payouts.items()]


def _told(register: Register, owned: Sequence[Owned], paid: Sequence[Exit]) -> dict[str, object]:
    return {
        "company": register.company,
        "currency": register.currency,
        "holdings": [
            {"holder": one.holder, "of": one.what, "shares": str(one.shares), "share": float(one.share)}
            for one in owned
        ],
        "exits": [
            {
                "value": str(one.value),
                "price": float(one.price),
                "converted": sorted(one.converted),
                "payouts": {name: float(amount) for name, amount in one.payouts.items()},
            }
            for one in paid
        ],
        "unread": list(register.unread),
    }


def _stage(one: Stage) -> dict[str, object]:
    closed = one.closed
    return {
        "name": one.name,
        "day": one.day.isoformat(),
        "parts": {holder: float(part) for holder, part in one.parts.items()},
        "vested": {holder: str(shares) for holder, shares in one.vested.items()},
        "price": None if closed is None else float(closed.price),
        "sold": None if closed is None else str(closed.sold),
        "conversions": []
        if closed is None
        else [{"id": each.id, "shares": str(each.shares), "price": float(each.price)} for each in closed.conversions],
    }


def _value(text: str) -> Fraction:
    try:
        return Fraction(text.replace(",", "").replace("_", ""))
    except (ValueError, ZeroDivisionError) as error:
        raise ProjectError(
            "Expected an amount such as 5000000, found {found!r}.", where="--exit", found=text
        ) from error


def _whole(value: Fraction) -> str:
    return f"{float(value):,.0f}"


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.2f} %"
