"""An OCF package read as a register: issuances, less what was transferred, cancelled, bought back or converted."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import get_args

from argosy.core.errors import DataError
from argosy.venture.financing.ocf.files import Json, day, number, opened, rows, table, text
from argosy.venture.financing.ocf.register import (
    Award,
    Compensation,
    Convertible,
    Instrument,
    Register,
    Security,
    Stakeholder,
    Stock,
    StockClass,
    StockPlan,
    Valuation,
)
from argosy.venture.financing.ocf.write import EXACT, FULL

_CURRENCY = "argosy currency "
_ENDS = ("TRANSFER", "CANCELLATION", "REPURCHASE", "RETRACTION", "REISSUANCE", "CONVERSION", "EXERCISE", "RELEASE")
_CHANGES = ("TX_STOCK_CLASS_SPLIT", "TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT", "TX_WARRANT_ISSUANCE")
_OPTIONS = ("TX_EQUITY_COMPENSATION_ISSUANCE", "TX_PLAN_SECURITY_ISSUANCE")


def read(path: Path) -> Register:
    """The register of an OCF zip file or folder, as of the manifest's day.

    What ends a security ends the whole of it: OCF issues anew what remains. Kinds that move no shares (acceptances,
    vesting, legends) are passed over and named in ``unread``. Raises DataError for what is not OCF, for what refers to
    nothing, for more than one currency, and for splits, changed conversion ratios and warrants, which are not read.
    """
    manifest, found = opened(path)
    where = str(path)
    issuer = table(manifest, "issuer", where)
    transactions = found.get("transactions", [])
    _refuse(transactions)
    ended = _ended(transactions)
    securities = tuple(
        _READ[kind](one)
        for one in transactions
        if (kind := one.get("object_type")) in _READ and one.get("security_id") not in ended
    )
    register = Register(
        id=text(issuer, "id", where),
        company=text(issuer, "legal_name", where),
        formed=day(issuer, "formation_date", where),
        country=text(issuer, "country_of_formation", where),
        day=day(manifest, "as_of", where),
        currency=_currency(manifest, found, where),
        holders=tuple(_holder(one) for one in found.get("stakeholders", [])),
        classes=tuple(_class(one) for one in found.get("stock_classes", [])),
        plans=tuple(_plan(one, transactions) for one in found.get("stock_plans", [])),
        valuations=tuple(_valuation(one) for one in found.get("valuations", [])),
        securities=securities,
        unread=_unread(found),
    )
    _refer(register)
    return register


def _refuse(transactions: list[Json]) -> None:
    for one in transactions:
        if one.get("object_type") in _CHANGES or str(one.get("object_type")).endswith("_CONSOLIDATION"):
            raise DataError(
                "{kind} is not read: the shares would be counted wrong.",
                where=_where(one),
                mend="Export the cap table as it stands after it.",
                kind=one.get("object_type"),
            )


def _ended(transactions: list[Json]) -> set[object]:
    return {one.get("security_id") for one in transactions if str(one.get("object_type")).endswith(_ENDS)}


def _unread(found: Mapping[str, list[Json]]) -> tuple[str, ...]:
    kinds = {str(one.get("object_type")) for objects in found.values() for one in objects}
    known = {"STAKEHOLDER", "STOCK_CLASS", "STOCK_PLAN", "VALUATION", "TX_STOCK_PLAN_POOL_ADJUSTMENT", *_READ}
    return tuple(sorted(kind for kind in kinds - known if not kind.endswith(_ENDS)))


def _currency(manifest: Json, found: Mapping[str, list[Json]], where: str) -> str:
    """The one currency of all amounts; a package without amounts says it in a comment, or is in USD."""
    seen: set[str] = set()
    for objects in found.values():
        for one in objects:
            _collect(one, seen)
    noted = [one.removeprefix(_CURRENCY) for one in _comments(manifest) if one.startswith(_CURRENCY)]
    if len(seen) > 1:
        raise DataError(
            "Amounts are in several currencies: {found}.",
            where=where,
            mend="Export the cap table in one currency.",
            found=", ".join(sorted(seen)),
        )
    return next(iter(seen), noted[0] if noted else "USD")


def _collect(value: object, seen: set[str]) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("currency"), str):
            seen.add(value["currency"])
        for inner in value.values():
            _collect(inner, seen)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, seen)


def _holder(one: Json) -> Stakeholder:
    where = _where(one)
    return Stakeholder(
        id=text(one, "id", where),
        name=text(table(one, "name", where), "legal_name", where),
        institution=one.get("stakeholder_type") == "INSTITUTION",
    )


def _class(one: Json) -> StockClass:
    where = _where(one)
    authorized = one.get("initial_shares_authorized")
    limited = authorized not in ("UNLIMITED", "NOT APPLICABLE")
    cap = _number(one, "participation_cap_multiple")
    right = next(iter(rows(one, "conversion_rights", where)), {})
    ratio = table(table(right, "conversion_mechanism", where), "ratio", where)
    to = right.get("converts_to_stock_class_id")
    return StockClass(
        id=text(one, "id", where),
        name=text(one, "name", where),
        preferred=one.get("class_type") == "PREFERRED",
        prefix=text(one, "default_id_prefix", where),
        authorized=_needed(one, "initial_shares_authorized") if limited else None,
        votes=_needed(one, "votes_per_share"),
        seniority=_needed(one, "seniority"),
        price=_money(one, "price_per_share"),
        preference=_number(one, "liquidation_preference_multiple"),
        participation="capped" if cap is not None else "full" if FULL in _comments(one) else "none",
        cap=cap,
        ratio=_ratio(ratio, where) if ratio else None,
        converts_to=to if isinstance(to, str) else None,
    )


def _ratio(ratio: Json, where: str) -> Fraction:
    below = number(ratio.get("denominator"), "denominator", where)
    if not below:
        raise DataError("{key!r} is no number: {found!r}.", where=where, key="denominator", found="0")
    return number(ratio.get("numerator"), "numerator", where) / below


def _plan(one: Json, transactions: list[Json]) -> StockPlan:
    """A plan with the last size that it was adjusted to."""
    where = _where(one)
    id_ = text(one, "id", where)
    sizes = [
        (day(change, "date", _where(change)), _needed(change, "shares_reserved"))
        for change in transactions
        if change.get("object_type") == "TX_STOCK_PLAN_POOL_ADJUSTMENT" and change.get("stock_plan_id") == id_
    ]
    classes = one.get("stock_class_ids") or [one.get("stock_class_id")]
    return StockPlan(
        id=id_,
        name=text(one, "plan_name", where),
        reserved=max(sizes)[1] if sizes else _needed(one, "initial_shares_reserved"),
        stock_class=str(classes[0]) if isinstance(classes, list) else "",
    )


def _valuation(one: Json) -> Valuation:
    where = _where(one)
    return Valuation(
        id=text(one, "id", where),
        stock_class=text(one, "stock_class_id", where),
        price=_paid(one, "price_per_share"),
        day=day(one, "effective_date", where),
    )


def _stock(one: Json) -> Stock:
    where = _where(one)
    return Stock(
        id=text(one, "security_id", where),
        holder=text(one, "stakeholder_id", where),
        day=day(one, "date", where),
        stock_class=text(one, "stock_class_id", where),
        quantity=_needed(one, "quantity"),
        price=_paid(one, "share_price"),
    )


def _award(one: Json) -> Award:
    where = _where(one)
    kind = one.get("compensation_type", "OPTION")
    known: tuple[Compensation, ...] = get_args(Compensation)
    matching = [each for each in known if each == kind]
    if not matching:
        raise DataError("Unknown kind of compensation: {kind!r}.", where=where, kind=kind)
    strike = _money(one, "exercise_price")
    return Award(
        id=text(one, "security_id", where),
        holder=text(one, "stakeholder_id", where),
        day=day(one, "date", where),
        plan=_text_or_none(one, "stock_plan_id"),
        stock_class=_text_or_none(one, "stock_class_id"),
        kind=matching[0],
        quantity=_needed(one, "quantity"),
        strike=_money(one, "base_price") if strike is None else strike,
        expires=day(one, "expiration_date", where) if one.get("expiration_date") else None,
    )


def _convertible(one: Json) -> Convertible:
    where = _where(one)
    known: tuple[Instrument, ...] = get_args(Instrument)
    matching = [each for each in known if each == one.get("convertible_type")]
    if not matching:
        raise DataError("Unknown kind of convertible: {kind!r}.", where=where, kind=one.get("convertible_type"))
    trigger = next(iter(rows(one, "conversion_triggers", where)), {})
    terms = table(table(trigger, "conversion_right", where), "conversion_mechanism", where)
    rates = rows(terms, "interest_rates", where)
    rank = one.get("seniority", 1)
    return Convertible(
        id=text(one, "security_id", where),
        holder=text(one, "stakeholder_id", where),
        day=day(one, "date", where),
        instrument=matching[0],
        amount=_paid(one, "investment_amount"),
        cap=_noted(one, "cap", _money(terms, "conversion_valuation_cap", where)),
        discount=_noted(one, "discount", _number(terms, "conversion_discount", where)),
        mfn=terms.get("conversion_mfn") is True,
        post_money=terms.get("conversion_timing", "POST_MONEY") == "POST_MONEY",
        rate=_noted(one, "rate", _number(rates[0], "rate", where) if rates else None),
        rank=rank if isinstance(rank, int) else 1,
    )


_READ: Mapping[object, Callable[[Json], Security]] = {
    "TX_STOCK_ISSUANCE": _stock,
    **dict.fromkeys(_OPTIONS, _award),
    "TX_CONVERTIBLE_ISSUANCE": _convertible,
}


def _refer(register: Register) -> None:
    """Every holder, class and plan that is named is there."""
    holders, classes = {one.id for one in register.holders}, {one.id for one in register.classes}
    plans = {one.id for one in register.plans}
    named: list[tuple[str, str | None, set[str]]] = []
    for one in register.securities:
        named.append((one.id, one.holder, holders))
        if not isinstance(one, Convertible):
            named.append((one.id, one.stock_class, classes))
        if isinstance(one, Award):
            named.append((one.id, one.plan, plans))
    named += [(plan.id, plan.stock_class, classes) for plan in register.plans]
    for where, name, known in named:
        if name is not None and name not in known:
            raise DataError("It refers to {name!r}, which is not in the package.", where=where, name=name)


def _where(one: Json) -> str:
    return f"{one.get('object_type', '?')} {one.get('id', '?')}"


def _comments(one: Json) -> list[str]:
    found = one.get("comments", [])
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _noted(one: Json, key: str, otherwise: Fraction | None) -> Fraction | None:
    """The exact fraction that the comments give for a field."""
    start = f"{EXACT}{key} "
    exact = [each.removeprefix(start) for each in _comments(one) if each.startswith(start)]
    return number(exact[0], key, _where(one)) if exact else otherwise


def _number(one: Json, key: str, where: str = "") -> Fraction | None:
    found = one.get(key)
    return None if found is None else _noted(one, key, number(found, key, where or _where(one)))


def _needed(one: Json, key: str) -> Fraction:
    found = _number(one, key)
    if found is None:
        raise DataError("{key!r} is missing.", where=_where(one), key=key)
    return found


def _money(one: Json, key: str, where: str = "") -> Fraction | None:
    place = where or _where(one)
    amount = table(one, key, place).get("amount") if one.get(key) is not None else None
    return None if amount is None else _noted(one, key, number(amount, key, place))


def _paid(one: Json, key: str) -> Fraction:
    found = _money(one, key)
    if found is None:
        raise DataError("{key!r} is missing.", where=_where(one), key=key)
    return found


def _text_or_none(one: Json, key: str) -> str | None:
    found = one.get(key)
    return found if isinstance(found, str) else None
