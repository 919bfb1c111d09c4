"""A register written as an OCF package.

Field names, required keys and number formats follow the schemas of OCF 1.2.1-alpha (Open Cap Table Coalition,
https://github.com/Open-Cap-Table-Coalition/Open-Cap-Format-OCF, folder ``schema``). OCF's numbers have ten decimals at
most; what needs more, such as a price of one third, stands beside them as an exact fraction in ``comments``, as does
full participation, for which OCF has no field.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from argosy.core.errors import DataError
from argosy.venture.financing.ocf.register import Award, Convertible, Register, Security, Stock, StockClass

VERSION = "1.2.1-alpha+main"
EXACT = "argosy exact "
FULL = "argosy participation full"
_TEN = 10**10
_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest day that a zip file knows
Json = dict[str, object]


def write(register: Register, path: Path, *, made: datetime) -> None:
    """Write a register as a zip file, or as a folder where ``path`` does not end in ``.zip``.

    ``made`` is when, with its time zone; equal registers written at the same moment are the same bytes.
    Raises DataError for a negative number that OCF has no place for: a discount or a rate that is not a share.
    """
    files = package(register, made)
    if path.suffix != ".zip":
        path.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (path / name).write_bytes(content)
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in files.items():
            whole.writestr(zipfile.ZipInfo(name, _FIRST), content, zipfile.ZIP_DEFLATED)


def package(register: Register, made: datetime) -> Mapping[str, bytes]:
    """The files of the package by their names, the manifest first."""
    money = register.currency
    items: dict[str, list[Json]] = {
        "stakeholders": [_stakeholder(one.id, one.name, institution=one.institution) for one in register.holders],
        "stock_classes": [_stock_class(one, money) for one in register.classes],
        "stock_plans": [
            _object(
                one.id,
                "STOCK_PLAN",
                plan_name=one.name,
                initial_shares_reserved=one.reserved,
                stock_class_ids=[one.stock_class],
            )
            for one in register.plans
        ],
        "valuations": [
            _object(
                one.id,
                "VALUATION",
                stock_class_id=one.stock_class,
                price_per_share=_Money(one.price, money),
                effective_date=one.day.isoformat(),
                valuation_type="409A",
            )
            for one in register.valuations
        ],
        "transactions": [_issuance(one, money) for one in register.securities],
    }
    files = {
        f"{kind.title().replace('_', '')}.ocf.json": _bytes({"file_type": f"OCF_{kind.upper()}_FILE", "items": found})
        for kind, found in items.items()
        if found
    }
    return {"Manifest.ocf.json": _bytes(_manifest(register, made, files)), **files}


def _manifest(register: Register, made: datetime, files: Mapping[str, bytes]) -> Json:
    def listed(name: str) -> list[Json]:
        md5 = hashlib.md5(files[name], usedforsecurity=False).hexdigest() if name in files else ""
        return [{"filepath": f"./{name}", "md5": md5}] if md5 else []

    return {
        "ocf_version": VERSION,
        "file_type": "OCF_MANIFEST_FILE",
        "issuer": _object(
            register.id,
            "ISSUER",
            legal_name=register.company,
            formation_date=register.formed.isoformat(),
            country_of_formation=register.country,
        ),
        "as_of": register.day.isoformat(),
        "generated_at": made.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "stakeholders_files": listed("Stakeholders.ocf.json"),
        "stock_classes_files": listed("StockClasses.ocf.json"),
        "stock_plans_files": listed("StockPlans.ocf.json"),
        "stock_legend_templates_files": [],
        "vesting_terms_files": [],
        "valuations_files": listed("Valuations.ocf.json"),
        "transactions_files": listed("Transactions.ocf.json"),
        "comments": [f"argosy currency {register.currency}"],
    }


class _Money(NamedTuple):
    """An amount and its currency."""

    amount: Fraction
    currency: str


def _object(id_: str, kind: str, *notes: str, **fields: object) -> Json:
    """An OCF object with ``notes`` as comments; fields of None are left out, numbers become OCF's strings."""
    found: Json = {"id": id_, "object_type": kind}
    comments = list(notes)
    for name, value in fields.items():
        if value is None:
            continue
        exact = value[0] if isinstance(value, _Money) else value
        if isinstance(exact, Fraction) and (exact * _TEN).denominator != 1:
            comments.append(f"{EXACT}{name} {exact}")
        found[name] = _value(value)
    return {**found, "comments": comments} if comments else found


def _value(value: object) -> object:
    if isinstance(value, _Money):
        return {"amount": numeric(value[0]), "currency": value[1]}
    return numeric(value) if isinstance(value, Fraction) else value


def numeric(value: Fraction) -> str:
    """OCF's number: digits with at most ten decimals, the nearest where it has more.

    >>> numeric(Fraction(-5, 4)), numeric(Fraction(1, 3))
    ('-1.25', '0.3333333333')
    """
    whole, rest = divmod(abs(round(value * _TEN)), _TEN)
    decimals = f".{rest:010}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 and (whole or rest) else ''}{whole}{decimals}"


def _stakeholder(id_: str, name: str, *, institution: bool) -> Json:
    kind = "INSTITUTION" if institution else "INDIVIDUAL"
    return _object(id_, "STAKEHOLDER", name={"legal_name": name}, stakeholder_type=kind)


def _stock_class(one: StockClass, currency: str) -> Json:
    mechanism = _conversion(one, currency)
    return _object(
        one.id,
        "STOCK_CLASS",
        *((FULL,) if one.participation == "full" else ()),
        name=one.name,
        class_type="PREFERRED" if one.preferred else "COMMON",
        default_id_prefix=one.prefix,
        initial_shares_authorized="UNLIMITED" if one.authorized is None else one.authorized,
        votes_per_share=one.votes,
        seniority=one.seniority,
        price_per_share=None if one.price is None else _Money(one.price, currency),
        conversion_rights=mechanism,
        liquidation_preference_multiple=one.preference,
        participation_cap_multiple=one.cap,
    )


def _conversion(one: StockClass, currency: str) -> list[Json] | None:
    if one.ratio is None:
        return None
    price = (one.price or Fraction(0)) / one.ratio
    found: Json = {
        "type": "STOCK_CLASS_CONVERSION_RIGHT",
        "conversion_mechanism": {
            "type": "RATIO_CONVERSION",
            "ratio": {"numerator": str(one.ratio.numerator), "denominator": str(one.ratio.denominator)},
            "conversion_price": {"amount": numeric(price), "currency": currency},
            "rounding_type": "FLOOR",
        },
    }
    return [found if one.converts_to is None else {**found, "converts_to_stock_class_id": one.converts_to}]


def _issuance(one: Security, currency: str) -> Json:
    common: Json = {
        "date": one.day.isoformat(),
        "security_id": one.id,
        "custom_id": one.id,
        "stakeholder_id": one.holder,
        "security_law_exemptions": [],
    }
    id_ = f"issue-{one.id}"
    match one:
        case Stock():
            return _object(
                id_,
                "TX_STOCK_ISSUANCE",
                **common,
                stock_class_id=one.stock_class,
                share_price=_Money(one.price, currency),
                quantity=one.quantity,
                stock_legend_ids=[],
            )
        case Award():
            strike = None if one.strike is None else _Money(one.strike, currency)
            base = one.kind in ("CSAR", "SSAR")
            found = _object(
                id_,
                "TX_EQUITY_COMPENSATION_ISSUANCE",
                **common,
                stock_plan_id=one.plan,
                stock_class_id=one.stock_class,
                compensation_type=one.kind,
                quantity=one.quantity,
                base_price=strike if base else None,
                exercise_price=None if base else strike,
                termination_exercise_windows=[],
            )
            return {**found, "expiration_date": one.expires.isoformat() if one.expires else None}
        case Convertible():
            return _object(
                id_,
                "TX_CONVERTIBLE_ISSUANCE",
                *(f"{EXACT}{name} {value}" for name, value in _inexact(one)),
                **common,
                investment_amount=_Money(one.amount, currency),
                convertible_type=one.instrument,
                conversion_triggers=[_trigger(one, currency)],
                seniority=one.rank,
            )


def _inexact(one: Convertible) -> list[tuple[str, Fraction]]:
    """Numbers of the trigger that ten decimals do not hold."""
    found = (("cap", one.cap), ("discount", one.discount), ("rate", one.rate))
    return [(name, value) for name, value in found if value is not None and (value * _TEN).denominator != 1]


def _trigger(one: Convertible, currency: str) -> Json:
    terms = {
        "conversion_discount": None if one.discount is None else _share(one.discount, one.id),
        "conversion_valuation_cap": None if one.cap is None else _value(_Money(one.cap, currency)),
        "conversion_mfn": one.mfn,
    }
    mechanism = {name: value for name, value in terms.items() if value is not None}
    if one.instrument == "NOTE":
        rates = [{"rate": _share(one.rate, one.id), "accrual_start_date": one.day.isoformat()}] if one.rate else []
        mechanism |= {
            "type": "CONVERTIBLE_NOTE_CONVERSION",
            "interest_rates": rates,
            "day_count_convention": "ACTUAL_365",
            "interest_payout": "DEFERRED",
            "interest_accrual_period": "ANNUAL",
            "compounding_type": "SIMPLE",
        }
    else:
        timing = "POST_MONEY" if one.post_money else "PRE_MONEY"
        mechanism |= {"type": "SAFE_CONVERSION", "conversion_timing": timing}
    return {
        "type": "AUTOMATIC_ON_CONDITION",
        "trigger_id": f"trigger-{one.id}",
        "trigger_condition": "The next round of preferred shares",
        "conversion_right": {
            "type": "CONVERTIBLE_CONVERSION_RIGHT",
            "conversion_mechanism": mechanism,
            "converts_to_future_round": True,
        },
    }


def _share(value: Fraction, where: str) -> str:
    if not 0 <= value <= 1:
        raise DataError(
            "OCF has no place for a discount or a rate of {value}.",
            where=where,
            mend="Give a share from 0 to 1.",
            value=value,
        )
    return numeric(value)


def _bytes(content: Json) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
