"""Usage as other systems of billing take it in: a line of JSON, or a row, for each event and unit.

Formats: Stripe's meter events (``POST /v1/billing/meter_events``), OpenMeter's CloudEvents 1.0
(``POST /api/v1/events``, ``application/cloudevents+json``), Lago's events (``POST /api/v1/events``).
Each has an identifier of its own that is the same in every export, so that sending it twice counts it once.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from argosy.core.ledger import UNITS, Usage
from argosy.serve.billing.money import plain

Export = Literal["stripe", "openmeter", "lago", "csv"]
EXPORTS: tuple[Export, ...] = ("stripe", "openmeter", "lago", "csv")
_SECOND = 1_000_000
_SOURCE = "argosy"
_COLUMNS = (
    "tenant",
    "seq",
    "event",
    "kind",
    "at",
    "month",
    "model",
    "route",
    "plan",
    *UNITS,
    "currency",
    "amount",
    "version",
)


def export(usages: Iterable[Usage], form: Export, customers: Mapping[str, str] = {}) -> Iterator[str]:
    """Lines with their ends, one after another; ``customers`` are other systems' names of tenants.

    A charge that was taken back is followed by its void line, whose values are negative.
    """
    if form == "csv":
        yield from _table(usages)
        return
    tell: Callable[[Usage, str, str, int], dict[str, Any]] = {
        "stripe": _stripe,
        "openmeter": _openmeter,
        "lago": _lago,
    }[form]
    for usage in usages:
        customer = customers.get(usage.tenant, usage.tenant)
        for unit, quantity in sorted(usage.quantities.items()):
            if quantity:
                told = tell(usage, customer, unit, quantity)
                yield json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def identifier(usage: Usage, unit: str) -> str:
    """One for each line and unit, the same each time; 64 hexadecimal digits."""
    return sha256(f"{usage.tenant}/{usage.seq}/{unit}".encode()).hexdigest()


def _stripe(usage: Usage, customer: str, unit: str, quantity: int) -> dict[str, Any]:
    return {
        "event_name": f"argosy_{unit}",
        "identifier": identifier(usage, unit),
        "timestamp": usage.at // _SECOND,
        "payload": {"stripe_customer_id": customer, "value": str(quantity), "model": usage.model},
    }


def _openmeter(usage: Usage, customer: str, unit: str, quantity: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": identifier(usage, unit),
        "source": _SOURCE,
        "type": f"argosy.{unit}",
        "subject": customer,
        "time": _time(usage.at),
        "datacontenttype": "application/json",
        "data": {"value": quantity, "model": usage.model, "route": usage.route},
    }


def _lago(usage: Usage, customer: str, unit: str, quantity: int) -> dict[str, Any]:
    return {
        "event": {
            "transaction_id": identifier(usage, unit),
            "external_subscription_id": customer,
            "code": f"argosy_{unit}",
            "timestamp": plain(usage.at),
            "properties": {"value": quantity, "model": usage.model},
        }
    }


def _table(usages: Iterable[Usage]) -> Iterator[str]:
    yield _row(_COLUMNS)
    for usage in usages:
        head = (usage.tenant, usage.seq, usage.event, usage.kind, _time(usage.at), usage.month)
        counts = (usage.quantities.get(unit, 0) for unit in UNITS)
        cells = (
            *head,
            usage.model,
            usage.route,
            usage.plan,
            *counts,
            usage.currency,
            plain(usage.amount),
            usage.version,
        )
        yield _row(tuple(str(cell) for cell in cells))


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _time(at: int) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    return datetime.fromtimestamp(at // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{at % _SECOND:06}Z"
