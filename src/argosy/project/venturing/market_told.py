"""A studied market as JSON, and what of it is kept as a measured run."""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from argosy.core.artifact import write_atomically
from argosy.evaluate.intervals import Interval
from argosy.project.venturing.marketing import Marketed
from argosy.project.venturing.runs import Measure, beside, keep
from argosy.venture.figures import Figure
from argosy.venture.market.positions import Position
from argosy.venture.market.size import Amount
from argosy.venture.market.statement import Claim
from argosy.venture.market.study import Study

RUN = "market"
FOUND, PAGE = "market_found.json", "market.html"
_PLACES = 4


def write(folder: Path, found: Marketed, page: str) -> tuple[Path, Path]:
    """Write the page and the JSON beside the venture and keep the measures; the places of the first two."""
    place = beside(folder)
    keep(folder, RUN, found.material.day, measures(found.study))
    (place / PAGE).write_text(page, encoding="utf-8")
    write_atomically(place / FOUND, json.dumps(told(found), ensure_ascii=False, indent=1) + "\n")
    return place / PAGE, place / FOUND


def measures(study: Study) -> dict[str, Measure]:
    """What ``venture.toml`` may name as ``market:KEY``: shares of needs, segments and brands, with their intervals."""
    found = {f"need.{one.need}.spoken": _measure(one.spoken) for one in study.opportunities}
    for one in study.opportunities:
        if one.satisfaction is not None:
            met = one.satisfaction
            found[f"need.{one.need}.satisfaction"] = _measure(
                Interval(value=met.value / 10, low=met.low / 10, high=met.high / 10)
            )
    found |= {f"segment.{at}.size": _measure(one.size) for at, one in enumerate(study.segmented.segments, start=1)}
    found |= {f"voice.{one.brand}": _measure(one.share) for one in study.voice.brands}
    return found


def _measure(one: Interval) -> Measure:
    value, low, high = (Decimal(f"{end:.6f}") for end in (one.value, one.low, one.high))
    return Measure(value=value, unit="share", low=low, high=high)


def told(found: Marketed) -> dict[str, Any]:
    """All of it as JSON has it: figures with the ends of their 95 % intervals."""
    study = found.study
    needs = [one.name for one in study.mined.needs]
    return {
        "name": found.material.name,
        "day": found.material.day.isoformat(),
        "read": {
            "files": list(found.material.files),
            "rows": found.material.account.rows,
            "texts": len(study.mined.voices),
            "columns": dict(found.material.account.columns),
            "attributes": list(found.material.account.attributes),
            "left_out": dict(found.material.account.left),
            "encoder": found.material.encoder,
        },
        "brands": list(study.brands),
        "own": study.own,
        "needs": _needs(study),
        "segments": _segments(study, needs),
        "stability": _number(study.segmented.stability),
        "share_of_voice": _voice(study),
        "map": _map(study),
        "white_spaces": [
            {
                "need": one.need,
                "importance": _interval(one.importance),
                "best": one.best,
                "satisfaction": _interval(one.satisfaction),
                "score": _interval(one.score),
                "open": one.open,
                "concentration": _interval(one.concentration),
            }
            for one in study.spaces
        ],
        "positions": _positions(study, needs),
        "statement": None
        if study.statement is None
        else {
            "name": study.statement.name,
            **{part: _claim(one) for part, one in study.statement.claims.items()},
        },
        "size": _size(study),
        "figures": [_figure(one) for one in found.material.figures],
        "notes": list(study.notes),
    }


def _needs(study: Study) -> list[dict[str, Any]]:
    by_name = {one.name: one for one in study.mined.needs}
    return [
        {
            "name": one.need,
            "named": by_name[one.need].named,
            "words": list(by_name[one.need].words),
            "quote": by_name[one.need].quote,
            "texts": list(by_name[one.need].shown),
            "spoken": _interval(one.spoken),
            "effect": _interval(one.effect),
            "importance": _interval(one.importance),
            "satisfaction": _interval(one.satisfaction),
            "opportunity": _interval(one.score),
            "sentiment": [
                {"brand": felt.brand, "texts": felt.voices, "felt": _interval(felt.felt)}
                for felt in study.sentiments
                if felt.need == one.need
            ],
        }
        for one in study.opportunities
    ]


def _segments(study: Study, needs: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "size": _interval(one.size),
            "customers": _number(one.customers),
            "change": _interval(one.change),
            "telling": [needs[at] for at in one.telling],
            "needs": {needs[at]: _number(share) for at, share in enumerate(one.needs)},
            "traits": [
                {"attribute": trait.attribute, "value": trait.value, "here": _number(trait.here),
                 "all": _number(trait.all)}
                for trait in one.traits
            ],
        }
        for one in study.segmented.segments
    ]  # fmt: skip


def _voice(study: Study) -> dict[str, Any]:
    return {
        "months": study.voice.months,
        "periods": [day.isoformat() for day in study.voice.periods],
        "brands": [
            {
                "brand": one.brand,
                "texts": one.voices,
                "share": _interval(one.share),
                "by_period": [_interval(each) for each in one.by_period],
                "trend": None
                if one.trend is None
                else {
                    "change_a_year": _interval(one.trend.change),
                    "chance": _number(one.trend.chance),
                    "sure": one.trend.sure,
                },
            }
            for one in study.voice.brands
        ],
    }


def _map(study: Study) -> dict[str, Any]:
    return {
        "explained": [_number(one) for one in study.map.explained],
        "inertia": _number(study.map.total),
        "chance": _number(study.map.chance),
        "places": [
            {
                "name": one.name,
                "kind": "brand" if one.brand else "need",
                "x": _number(one.x),
                "y": _number(one.y),
                "quality": _number(one.quality),
                "ellipse": None
                if one.ellipse is None
                else {
                    "long": _number(one.ellipse.long),
                    "short": _number(one.ellipse.short),
                    "angle": _number(one.ellipse.angle),
                },
            }
            for one in study.map.places
        ],
    }


def _positions(study: Study, needs: list[str]) -> dict[str, Any]:
    found, doubt = study.positions, study.sensitivity
    change = None if doubt is None else doubt.change

    def named(one: Position) -> dict[str, Any]:
        segment = None if one.segment is None else one.segment + 1
        return {"segment": segment, "needs": [needs[at] for at in one.needs]}

    return {
        "weights": {name: _number(one) for name, one in found.weights.items()},
        "candidates": [
            {
                **named(one),
                "score": _interval(one.score),
                "criteria": {name: _interval(each) for name, each in one.criteria.items()},
                "first_by_weights": None if doubt is None else _number(float(doubt.first[at])),
                "first_by_texts": _number(float(found.first[at])),
            }
            for at, one in enumerate(found.candidates)
        ],
        "least_change": None
        if change is None
        else {
            "to": named(found.candidates[change.to]),
            "moved": _number(change.moved),
            "weights": {name: _number(one) for name, one in change.weights.items()},
        },
    }


def _claim(one: Claim) -> dict[str, Any]:
    return {
        "names": list(one.names),
        "why_not": one.why or None,
        "proofs": [
            {
                "what": proof.what,
                "of": proof.of,
                "figure": _interval(proof.figure),
                "origin": None if proof.origin is None else {"kind": proof.origin.kind, "where": proof.origin.where},
            }
            for proof in one.proofs
        ],
        "quotes": [{"id": quote.id, "brand": quote.brand, "text": quote.text} for quote in one.quotes],
    }


def _size(study: Study) -> dict[str, Any] | None:
    if study.size is None:
        return None
    names = ("tam", "sam", "som")
    return {
        "currency": study.size.currency,
        "a_year": dict(zip(names, map(_amount, study.size.money), strict=True)),
        "lines": [
            {
                "name": one.name,
                "customers": dict(zip(names, map(_amount, one.customers), strict=True)),
                "a_year": dict(zip(names, map(_amount, one.money), strict=True)),
                "figures": [_figure(figure) for figure in one.figures],
            }
            for one in study.size.lines
        ],
    }


def _amount(one: Amount) -> dict[str, str]:
    return {name: f"{getattr(one, name):.2f}" for name in ("value", "low", "high")}


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": f"{one.value.normalize():f}",
        "unit": one.unit.text,
        "low": None if one.low is None else f"{one.low.normalize():f}",
        "high": None if one.high is None else f"{one.high.normalize():f}",
        "origin": one.origin.kind,
        "where": one.origin.where,
        "day": None if one.origin.day is None else one.origin.day.isoformat(),
    }


def _interval(one: Interval | None) -> Mapping[str, float | None] | None:
    if one is None:
        return None
    return {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, _PLACES)
