"""``argosy captable``: an Open Cap Format package read, shared out at exits, and written again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.financing.exits import Exit
from argosy.venture.financing.ocf.read import read
from argosy.venture.financing.ocf.register import Register
from argosy.venture.financing.ocf.write import write as write_package
from argosy.venture.financing.ownership import Owned, exits, ownership


def show(package: Path, values: Sequence[str], costs: float, *, as_json: bool) -> None:
    """Holdings, and payouts at each exit of ``values`` and wherever they change; ``costs`` are percent of an exit."""
    register = read(package)
    owned = ownership(register)
    paid = exits(register, [_value(one) for one in values], Fraction(str(costs)) / 100) if values else ()
    if as_json:
        say_json(_told(register, owned, paid))
        return
    head = t("{company}, {day}, {currency}")
    say(head.format(company=register.company, day=register.day, currency=register.currency))
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


def write(package: Path, out: Path, *, as_json: bool) -> None:
    """The package as Argosy writes it; raises ProjectError where a file is there already."""
    if out.exists():
        raise ProjectError("There is a file already.", where=str(out), mend="Give another name.")
    write_package(read(package), out, made=datetime.now(UTC))
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
