"""``argosy lineage``: from rows to invoices, and back from an invoice or an event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from argosy.config import file
from argosy.config.selling import Sell
from argosy.core.errors import ProjectError
from argosy.project.improving.lineage import (
    NEVER_RELEASED,
    Billed,
    Doubt,
    EventLineage,
    InvoiceLineage,
    Lineage,
    of_event,
    of_invoice,
    of_version,
)
from argosy.project.selling.shop import open_store
from argosy.serve.billing.money import show as money
from argosy.store.database import Database
from argosy.store.ledger.answered import Answered
from argosy.ui.speech import language, note, say, t
from argosy.ui.verbs.build import say_json

_SECOND = 1_000_000  # microseconds
_SHORT = 16  # digits of a digest
_NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whose way is asked for: a version's, an invoice's or an event's."""

    model: str | None = None
    number: int | None = None
    invoice: str | None = None
    event: str | None = None


def lineage(folder: Path, wish: Wish, *, as_json: bool) -> None:
    """Tell it."""
    if sum(one is not None for one in (wish.number, wish.invoice, wish.event)) > 1:
        raise ProjectError(
            "Expected one of VERSION, --invoice and --event, found several.", mend="Ask for one after the other."
        )
    with open_store(file.load(folder).sell or Sell(), folder) as database:
        if wish.invoice is not None:
            _tell_invoice(of_invoice(database, wish.invoice), as_json=as_json)
        elif wish.event is not None:
            events = of_event(database, wish.event)
            ways = [_way(folder, database, one) for one in events]
            _tell_events(events, ways, as_json=as_json)
        else:
            _tell_version(of_version(folder, database, wish.model, wish.number), as_json=as_json)


def _way(folder: Path, database: Database, event: EventLineage) -> Lineage | None:
    """The way of the version that answered; None where it was none or is not told."""
    usage = event.usage
    if usage.version in {"", NEVER_RELEASED}:
        return None
    return of_version(folder, database, usage.model, int(usage.version))


def _tell_version(found: Lineage, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(found))
        return
    _say_version(found)


def _say_version(found: Lineage) -> None:
    version = found.version
    if version is None:
        say(t("{model}, as it is built: not released yet").format(model=found.model))
    else:
        say(t("version {number} of {model}").format(number=version.number, model=found.model))
    _branch(t("rows"), list(_rows(found)))
    _branch(t("run"), list(_run(found.origin)))
    _branch(t("model"), list(_model(found)))
    _branch(t("requests"), list(_requests(found)))
    _branch(t("invoice"), list(_invoices(found)), last=True)
    for doubt in found.doubts:
        note(_doubt(doubt), style="yellow")


def _rows(found: Lineage) -> Iterator[str]:
    rows: Mapping[str, Any] = found.origin.get("rows", {})
    for one in rows.get("files", ()):
        yield t("{name}, {digest}").format(name=one["name"], digest=(one["digest"] or _NOTHING)[:_SHORT])
    if rows.get("read") is not None:
        said = t("{read} read, {kept} kept: {parts}")
        yield said.format(read=rows["read"], kept=rows["kept"], parts=_counts(rows["parts"]))
    for part, labels in rows.get("labels", {}).items():
        yield t("labels of {part}: {labels}").format(part=part, labels=_counts(labels))
    if found.tries:
        made = found.tries[-1]
        said = t("rows taken from use by improvement {number}: {rows}")
        yield said.format(number=made.number, rows=_counts(made.rows))


def _run(origin: Mapping[str, Any]) -> Iterator[str]:
    run: Mapping[str, Any] = origin.get("run", {})
    if not run:
        return
    built, machine = run["built"], run["machine"] or {}
    said = t("built {at} by Argosy {argosy} on {machine}, seed {seed}")
    yield said.format(
        at=_time(built) if built else _NOTHING,
        argosy=run["argosy"] or _NOTHING,
        machine=machine.get("processor") or machine.get("machine") or _NOTHING,
        seed=_NOTHING if run["seed"] is None else run["seed"],
    )
    base = run["base"]
    if base:
        yield t("base {name}, licence {licence}").format(name=base["name"], licence=base.get("licence") or _NOTHING)
    names = ", ".join(one["artifact"] for one in run["stages"])
    yield t("{count} stages: {names}").format(count=len(run["stages"]), names=names)


def _model(found: Lineage) -> Iterator[str]:
    version = found.version
    if found.origin:
        yield t("built model {digest}").format(digest=found.origin["digest"][:_SHORT] or _NOTHING)
    if version is not None:
        parent = _NOTHING if found.parent is None else str(found.parent)
        yield t("release {digest}, in place of {parent}").format(digest=version.digest[:_SHORT], parent=parent)
    for name, told in (version.metrics if version else found.origin.get("metrics", {})).items():
        said = t("{metric} {value:.4f}, {low:.4f} to {high:.4f}")
        yield said.format(metric=name, value=told["value"], low=told["low"], high=told["high"])
    for one in found.tries:
        said = t("improvement {number} of version {champion}: {decision} ({why})")
        champion = one.champion.get("version", _NOTHING)
        yield said.format(number=one.number, champion=champion, decision=one.decision, why=one.why)
    for entry in found.story:
        said = t("{at} {action} by {actor} {reason}")
        yield said.format(
            at=_time(entry["at"]), action=entry["action"], actor=entry["actor"], reason=entry.get("reason", "")
        ).rstrip()


def _requests(found: Lineage) -> Iterator[str]:
    if not found.requests:
        yield t("none charged yet")
        return
    tenants = {one.tenant for one in found.requests}
    said = t("{events} requests with {texts} texts of {tenants} tenants, {first} to {last}")
    yield said.format(
        events=sum(one.events for one in found.requests),
        texts=sum(one.quantities.get("texts", 0) for one in found.requests),
        tenants=len(tenants),
        first=_time(min(one.first for one in found.requests)),
        last=_time(max(one.last for one in found.requests)),
    )
    if found.figures:
        said = t("lately {errors} errors in {requests} requests; half within {median} ms, 95 % within {most} ms")
        yield said.format(
            errors=found.figures.errors,
            requests=found.figures.requests,
            median=_milliseconds(found.figures.median_ms),
            most=_milliseconds(found.figures.p95_ms),
        )


def _invoices(found: Lineage) -> Iterator[str]:
    for currency, amount in sorted(_sums(found.requests).items()):
        yield t("charged {amount}").format(amount=money(amount, currency, language))
    yield from map(_billed, found.billed)
    for one in found.waiting:
        said = t("{tenant} {month}: {amount} not invoiced yet")
        yield said.format(tenant=one.tenant, month=one.month, amount=money(one.amount, one.currency, language))
    if not found.requests:
        yield t("none")


def _billed(one: Billed) -> str:
    values = {"number": one.number, "state": one.state, "tenant": one.tenant, "month": one.month}
    if one.amount is None:
        said = t("{number} ({state}), {tenant} {month}: credit note on {credits}")
        return said.format(credits=one.credits, **values)
    said = t("{number} ({state}), {tenant} {month}: {amount} of it")
    return said.format(amount=money(one.amount, one.currency, language), **values)


def _tell_invoice(found: InvoiceLineage, *, as_json: bool) -> None:
    if as_json:
        told = asdict(found)
        told["invoice"].pop("body")
        say_json(told)
        return
    issued = found.invoice
    said = t("invoice {number} ({state}), {tenant} {month}: {total}")
    total = money(issued.total, issued.currency, language)
    say(said.format(number=issued.number, state=issued.state, tenant=issued.tenant, month=issued.month, total=total))
    if found.original:
        say(t("It is a credit note; what follows made up {number}.").format(number=found.original))
    lines = [_part(one) for one in found.parts]
    charged = money(found.charged, issued.currency, language)
    if found.exact:
        lines.append(t("together {amount}, as the invoice says").format(amount=charged))
    else:
        lines.append(t("NOT what the invoice says, which is {amount}").format(amount=charged))
    _branch(t("versions"), lines, last=True)
    for doubt in found.doubts:
        note(_doubt(doubt), style="yellow")


def _part(one: Answered) -> str:
    said = t("{model} {version}: {events} requests, {quantities}, {amount}")
    return said.format(
        model=one.model,
        version=one.version or _NOTHING,
        events=one.events,
        quantities=_counts(one.quantities),
        amount=money(one.amount, one.currency, language),
    )


def _tell_events(events: Sequence[EventLineage], ways: Sequence[Lineage | None], *, as_json: bool) -> None:
    if as_json:
        told = [
            {**asdict(one), "lineage": None if way is None else asdict(way)}
            for one, way in zip(events, ways, strict=True)
        ]
        say_json({"events": told})
        return
    for one, way in zip(events, ways, strict=True):
        usage = one.usage
        said = t("event {event} of {tenant}, {at}: {kind}, {quantities}, {amount}")
        say(
            said.format(
                event=usage.event,
                tenant=usage.tenant,
                at=_time(usage.at),
                kind=t("charged") if usage.kind == "charge" else t("taken back"),
                quantities=_counts(usage.quantities),
                amount=money(usage.amount, usage.currency, language),
            )
        )
        if one.closed:
            said = t("invoiced for {month}: {numbers}")
            say(said.format(month=one.closed, numbers=", ".join(one.invoices) or _NOTHING))
        else:
            say(t("not invoiced yet: its month {month} is open").format(month=usage.month))
        if way is None:
            say(t("No released version of {model} answered.").format(model=usage.model))
        else:
            _say_version(way)


def _branch(head: str, lines: Sequence[str], *, last: bool = False) -> None:
    """A branch of the tree with its leaves."""
    say(f"{'└' if last else '├'} {head}")
    trunk = " " if last else "│"
    for place, line in enumerate(lines or [_NOTHING]):
        say(f"{trunk} {'└' if place == max(len(lines), 1) - 1 else '├'} {line}")


def _doubt(doubt: Doubt) -> str:
    said = {
        ("release", "gone"): t("The release's folder {name} is gone."),
        ("release", "changed"): t("{name} is not what was released."),
        ("artifact", "gone"): t("The result {name} was cleaned away."),
        ("artifact", "changed"): t("The result {name} is not what the run left."),
        ("file", "gone"): t("The data file {name} is not where it was read."),
        ("file", "changed"): t("The data file {name} was changed since it was read."),
        ("file", "unknown"): t("It is not known what {name} held when it was read."),
        ("rows", "unknown"): t("It is not known which rows and which run the model is from."),
        ("invoice", "changed"): t("The invoice {name} is not what was issued."),
    }[doubt.what, doubt.fault]
    return said.format(name=doubt.name)


def _sums(requests: Sequence[Answered]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in requests:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return sums


def _counts(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or _NOTHING


def _milliseconds(found: float | None) -> str:
    return _NOTHING if found is None else f"{found:.0f}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / _SECOND).astimezone().isoformat(timespec="seconds")
