"""The whole way of a version: rows → run → model → requests → invoice, and back from an invoice or an event.

What is told is checked on the way: each digest is reckoned again, and what is gone or was changed since is named.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from argosy.config.places import STORE, find_model
from argosy.core.artifact import MANIFEST, damaged_files, digest_file, digest_text, open_artifact
from argosy.core.errors import DataError, MissingError
from argosy.core.ledger import Usage
from argosy.core.signals import SLOT
from argosy.project.improving.provenance import kept, provenance, twin
from argosy.project.improving.tries import Improvement, tries
from argosy.project.selling.releasing import FOLDER as RELEASES
from argosy.project.selling.releasing import Shelf
from argosy.serve.billing.invoice import Invoice
from argosy.serve.billing.plan import SALES
from argosy.serve.releases.versions import Version
from argosy.store.database import Database
from argosy.store.invoices import Issued, SqlInvoices
from argosy.store.ledger.answered import Answered, Wanted, answered, closing_of, told_by
from argosy.store.releases import SqlReleases
from argosy.store.watching.signals import SqlSignals

NEVER_RELEASED = "0"
"""The version of a model that a service was started with before anything was released."""
_LATELY = 30 * 86_400 * 1_000_000  # microseconds
Facts = Mapping[str, Any]
What = Literal["release", "artifact", "file", "rows", "invoice"]
Fault = Literal["changed", "gone", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that is not as it was told: ``changed`` since, ``gone``, or never known; ``what`` kind of thing."""

    what: What
    name: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """An invoice or a credit note that stands on a version's requests: ``amount`` micro-units are from these.

    A credit note names the invoice that it ``credits``, and no part of it is any version's.
    """

    number: str
    tenant: str
    month: str
    currency: str
    state: str
    total: int
    amount: int | None
    credits: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the service counted of a version in its last 30 days: all ``requests``, ``errors``, and two quantiles."""

    requests: int
    errors: int
    median_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A version of a model, or (without ``version``) what is built and not released.

    ``origin`` is the record of its rows and its run, empty where nothing is known; ``story`` is what was done to it as
    a release; ``tries`` are the improvements up to the one that made it; ``billed`` are the invoices over ``requests``.
    """

    model: str
    version: Version | None
    parent: int | None
    origin: Facts
    story: Sequence[Facts]
    tries: Sequence[Improvement]
    requests: Sequence[Answered]
    figures: Figures | None
    billed: Sequence[Billed]
    doubts: Sequence[Doubt]

    @property
    def waiting(self) -> list[Answered]:
        """The requests of months that no closing covers yet."""
        return [one for one in self.requests if not one.closed]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineage:
    """Which versions made up an invoice; ``exact`` where their amounts and quantities are those that it states."""

    invoice: Issued
    original: str | None
    parts: Sequence[Answered]
    charged: int
    exact: bool
    doubts: Sequence[Doubt]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLineage:
    """A request: its line in the ledger, and the invoices over it, none while its month is not ``closed``."""

    usage: Usage
    closed: str
    invoices: Sequence[str]


def of_version(folder: Path, database: Database, model: str | None = None, number: int | None = None) -> Lineage:
    """The way of a version, of the champion where none is named, or of what is built where nothing is released."""
    shelf = Shelf(SqlReleases(database))
    lines = shelf.lines()
    if model is None and len(lines) > 1:
        raise DataError("Several models are released: {known}.", mend="Name one: --model", known=", ".join(lines))
    if model is None and not lines and number is None:
        return _of_built(folder, database)
    name = model or next(iter(lines), "")
    versions = {version.number: version for version in shelf.versions(name)}
    wanted = lines[name].champion if number is None and name in lines else number
    if wanted is None or wanted not in versions:
        raise MissingError(
            "There is no version {number} of {model!r}; there are: {known}.",
            mend="See them: argosy release list",
            number=number or "",
            model=name,
            known=", ".join(map(str, versions)) or "–",
        )
    return _of_release(folder, database, shelf, versions[wanted])


def of_invoice(database: Database, number: str) -> InvoiceLineage:
    """Which versions made up an invoice, or the one that a credit note takes back; raises MissingError."""
    invoices = SqlInvoices(database)
    issued = invoices.find(number)
    original = invoices.find(issued.credits) if issued.credits else issued
    told = Invoice.parse(original.body)
    details = told.details
    lines = answered(database, Wanted(tenant=details.tenant, after=details.after, through=details.through))
    parts = [part for part in lines if part.currency == details.currency]
    doubts = [Doubt(what="invoice", name=one.number, fault="changed") for one in {issued, original} if not _whole(one)]
    return InvoiceLineage(
        invoice=issued,
        original=issued.credits,
        parts=parts,
        charged=told.charged,
        exact=sum(part.amount for part in parts) == told.charged and _quantities_agree(told, parts),
        doubts=doubts,
    )


def of_event(database: Database, event: str) -> list[EventLineage]:
    """The requests of an event's id, one of each tenant that has it; raises MissingError where none has."""
    lines = told_by(database, event)
    if not lines:
        raise MissingError(
            "The ledger has no event {event!r}.",
            mend="An answer tells its own in the header x-argosy-event.",
            event=event,
        )
    return [_event(database, line) for line in lines]


def _event(database: Database, line: Usage) -> EventLineage:
    closed = closing_of(database, line.tenant, line.seq)
    issued = SqlInvoices(database).list(tenant=line.tenant, month=closed) if closed else []
    numbers = [one.number for one in issued if one.currency == line.currency]
    return EventLineage(usage=line, closed=closed, invoices=numbers)


def _of_built(folder: Path, database: Database) -> Lineage:
    place = find_model(folder).resolve()
    origin = provenance(place, folder)
    requests = answered(database, Wanted(model=origin["name"], version=NEVER_RELEASED))
    return Lineage(
        model=origin["name"],
        version=None,
        parent=None,
        origin=origin,
        story=(),
        tries=(),
        requests=requests,
        figures=None,
        billed=list(_billed(database, requests)),
        doubts=list(_doubts_of_origin(folder, origin)),
    )


def _of_release(folder: Path, database: Database, shelf: Shelf, version: Version) -> Lineage:
    history = shelf.history(version.model)
    requests = answered(database, Wanted(model=version.model, version=str(version.number)))
    known = tries(folder)
    place = folder / RELEASES / f"release-{version.digest[:16]}"
    homes = [folder, *(folder / one.build for one in known if one.build)]
    origin = kept(folder, version.digest) or {}
    if not origin and (built := twin(place, homes)):
        origin = provenance(built, folder)
    elif not origin and place.is_dir():
        origin = provenance(place, folder)
    billed = list(_billed(database, requests))
    invoices = SqlInvoices(database)
    doubts = [
        *_doubts_of_release(place, version),
        *_doubts_of_origin(folder, origin),
        *(
            Doubt(what="invoice", name=one.number, fault="changed")
            for one in billed
            if not _whole(invoices.find(one.number))
        ),
    ]
    return Lineage(
        model=version.model,
        version=version,
        parent=_champion_at(history, version),
        origin=origin,
        story=[
            one for one in history if version.number in (one.get("version"), one.get("champion"), one.get("challenger"))
        ],
        tries=_up_to(known, version),
        requests=requests,
        figures=_figures(database, version, requests),
        billed=billed,
        doubts=doubts,
    )


def _figures(database: Database, version: Version, requests: Sequence[Answered]) -> Figures | None:
    """The counts of the service; None where it counted nothing of this version."""
    end = max((one.last for one in requests), default=version.at) + SLOT
    counts: Counter[str] = Counter()
    for tally in SqlSignals(database).between(end - _LATELY, end):
        if (tally.model, tally.version) == (version.model, str(version.number)):
            counts.update(tally.counts)
    if not counts["requests"]:
        return None
    bins = {int(name.partition(":")[2]): count for name, count in counts.items() if name.startswith("latency:")}
    return Figures(
        requests=counts["requests"],
        errors=counts["errors"],
        median_ms=_quantile(bins, 0.5),
        p95_ms=_quantile(bins, 0.95),
    )


def _quantile(bins: Mapping[int, int], share: float) -> float | None:
    """The upper end, in milliseconds, of the bin in which a share of the requests is reached."""
    left = share * sum(bins.values())
    for place in sorted(bins):
        left -= bins[place]
        if left <= 0:
            return float(2 ** ((place + 1) / 4))
    return None


def _champion_at(history: Sequence[Facts], version: Version) -> int | None:
    """Who answered when a version was added; None for the first."""
    before = [one["champion"] for one in history if "champion" in one and one["at"] < version.at]
    return before[-1] if before else None


def _up_to(known: Sequence[Improvement], version: Version) -> list[Improvement]:
    """The improvement that made a version and those before it; none for a version that no improvement made."""
    made = [place for place, one in enumerate(known) if (one.challenger or {}).get("digest") == version.digest]
    return list(known[: made[-1] + 1]) if made else []


def _billed(database: Database, requests: Sequence[Answered]) -> Iterator[Billed]:
    """The invoices over closed months of the requests, each with what of it is theirs, and their credit notes."""
    amounts: dict[tuple[str, str, str], int] = {}
    for one in requests:
        if one.closed:
            key = (one.tenant, one.closed, one.currency)
            amounts[key] = amounts.get(key, 0) + one.amount
    invoices = SqlInvoices(database)
    for (tenant, month, currency), amount in sorted(amounts.items()):
        for issued in invoices.list(tenant=tenant, month=month):
            if issued.currency == currency:
                yield Billed(
                    number=issued.number,
                    tenant=tenant,
                    month=month,
                    currency=currency,
                    state=issued.state,
                    total=issued.total,
                    amount=None if issued.credits else amount,
                    credits=issued.credits,
                )


def _doubts_of_release(place: Path, version: Version) -> Iterator[Doubt]:
    if not place.is_dir():
        yield Doubt(what="release", name=place.name, fault="gone")
        return
    artifact = open_artifact(place)
    if artifact.digest != version.digest:
        yield Doubt(what="release", name=place.name, fault="changed")
    for name in damaged_files(artifact):
        yield Doubt(what="release", name=f"{place.name}/{name}", fault="changed")


def _doubts_of_origin(folder: Path, origin: Facts) -> Iterator[Doubt]:
    if not origin or origin["home"] is None:
        yield Doubt(what="rows", name="", fault="unknown")
        return
    home = folder / origin["home"]
    for told in origin["rows"]["files"]:
        fault = _fault_of_file(home, told)
        if fault:
            yield Doubt(what="file", name=told["name"], fault=fault)
    yield from _doubts_of_artifacts(home / STORE, origin["run"]["stages"])


def _fault_of_file(home: Path, told: Facts) -> Fault | None:
    if told["path"] is None or not (home / told["path"]).is_file():
        return "gone"
    if told["digest"] is None:
        return "unknown"
    return None if digest_file(home / told["path"]) == told["digest"] else "changed"


def _doubts_of_artifacts(store: Path, stages: Sequence[Facts]) -> Iterator[Doubt]:
    for stage in stages:
        place = store / stage["artifact"]
        if not (place / MANIFEST).is_file():
            yield Doubt(what="artifact", name=stage["artifact"], fault="gone")
        elif not stage["artifact"].endswith(open_artifact(place).digest[:16]):
            yield Doubt(what="artifact", name=stage["artifact"], fault="changed")


def _whole(issued: Issued) -> bool:
    return digest_text(issued.body) == issued.digest


def _quantities_agree(invoice: Invoice, parts: Sequence[Answered]) -> bool:
    """Whether what the invoice's usage lines count is what the versions used, by plan and model."""
    stated: Counter[tuple[str, str]] = Counter()
    sold: dict[tuple[str, str], set[str]] = {}  # the ledger's units that the lines count
    for line in invoice.lines:
        for model, quantity in line.models.items():
            stated[line.plan, model] += quantity
            sold.setdefault((line.plan, model), set()).update(SALES[line.unit][0])
    used: Counter[tuple[str, str]] = Counter()
    for part in parts:
        key = part.plan, part.model
        used[key] += sum(part.quantities.get(unit, 0) for unit in sold.get(key, ()))
    return all(used[key] == quantity for key, quantity in stated.items())
