"""Which plan a tenant had when, read from the audit log and from what was offered under each name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from argosy.core.tenant import Entry
from argosy.serve.billing.months import Change

CLOSED = "closed"
"""The reason of a suspension that ends a tenant: nothing is charged by the month any more."""
_VERSION = "@"  # stands in the id of a plan's version, and in no plan's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """That the version ``plan`` is offered under ``name`` in ``currency`` from ``at`` on."""

    plan: str
    name: str
    currency: str
    at: int


def changes(entries: Iterable[Entry], offers: Sequence[Offered]) -> list[Change]:
    """The versions of plans that a tenant had, from the log's ``entries`` about it; both in the order of time.

    A tenant whose plan is a name has the version that is offered under it (before the first offer, that one); one
    whose plan is an id has that version.
    """
    told: list[Offered | Entry] = sorted([*offers, *entries], key=lambda event: event.at)  # offers before entries
    terms: dict[str, str | None] = {}
    versions = {(one.name, one.currency): one.plan for one in sorted(offers, key=lambda one: one.at, reverse=True)}
    found: list[Change] = []
    for event in told:
        if isinstance(event, Offered):
            versions[event.name, event.currency] = event.plan
        else:
            terms |= _told(event)
        plan = _version(terms, versions)
        if plan != (found[-1].plan if found else None):
            found.append(Change(at=event.at, plan=plan))
    return found


def _told(entry: Entry) -> dict[str, str | None]:
    """What an entry says of a tenant's plan: the values of a new tenant, or pairs of an old and a new one."""
    known = ("plan", "price", "currency", "suspended")
    told = {name: entry.details[name] for name in known if name in entry.details}
    if entry.action == "tenant.create":
        return {name: _text(value) for name, value in told.items()}
    return {name: _text(value[1]) for name, value in told.items() if isinstance(value, list)}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _version(terms: Mapping[str, str | None], versions: Mapping[tuple[str, str], str]) -> str | None:
    plan = terms.get("price") or terms.get("plan")
    if plan is None or terms.get("suspended") == CLOSED:
        return None
    return plan if _VERSION in plan else versions.get((plan, terms.get("currency") or ""))
