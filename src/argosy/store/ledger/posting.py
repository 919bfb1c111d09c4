"""What one transaction does to the books of some tenants: read with their rows locked, reckoned, written at the end.

The rows of tenants are locked in the order of their names, so that transactions wait for each other in one direction.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from argosy.core.account import Limits
from argosy.core.ledger import UNITS, Ask, Held, LedgerError, Pricing, Quantities, Usage
from argosy.store.ledger import loading, tables
from argosy.store.ledger.loading import Event, Head, Leases, Month, Months, Wallets
from argosy.store.ledger.months import Calendar, after
from argosy.store.ledger.purses import Purse, block, needs
from argosy.store.writing import put


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What prices and dates a line."""

    pricing: Pricing
    calendar: Calendar


class Posting:
    """The books of the tenants that were loaded, in one transaction at the time ``now``."""

    def __init__(self, connection: sa.Connection, rules: Rules, now: int) -> None:
        self.connection = connection
        self.heads: dict[str, Head] = {}
        self.leases: Leases = {}
        self.latest: dict[Event, Any] = {}  # the last line of an event
        self._rules = rules
        self._now = now
        self._months: Months = {}
        self._wallets: Wallets = {}
        self._lines: list[dict[str, Any]] = []
        self._changed_totals: set[tuple[str, str, str, str, str]] = set()
        self._changed_amounts: set[tuple[str, str, str, str]] = set()
        self._changed_leases: set[tuple[Purse, str]] = set()
        self._changed_wallets: set[Event] = set()

    def load(self, tenants: Collection[str], *, events: Collection[Event] = (), limited: Collection[str] = ()) -> None:
        """Lock and read; ``limited`` tenants have purses, and ``events`` may have been charged before."""
        self.heads = loading.lock(self.connection, tenants)
        months = {month for name in tenants for month in (self.month(name), self.heads[name].month)}
        self._months = loading.sums(self.connection, tenants, months)
        self.leases, self._wallets = loading.purses(self.connection, limited)
        self.latest = loading.latest(self.connection, events)

    def month(self, tenant: str) -> str:
        """The month that a line gets now: never an earlier one than before, and none that was closed."""
        head = self.heads[tenant]
        return max(self._rules.calendar.month(max(self._now, head.at)), head.month, after(head.closed))

    def charge(
        self, held: Held, quantities: Quantities, holder: str, mine: Mapping[Purse, int], idle: Callable[[Purse], int]
    ) -> Usage:
        """Append a line; ``mine`` is what was reserved for it, ``idle`` what else of a lease may be used.

        Raises LedgerError when there is no room without the reservation.
        """
        ask = held.ask
        month = self.month(ask.tenant)
        used: Quantities = {unit: quantities[unit] for unit in UNITS if quantities.get(unit, 0)}
        amount = self._marginal(ask, month, used)
        taken = self._draw(ask, needs(ask, amount, used, month), holder, mine, idle)
        for purse, part in taken.items():
            self.set_lease(purse, holder, self.leases[purse][holder] - part)
        last = self.latest.get((ask.tenant, ask.event))
        return self._append(held.token, ask, used, amount, month, 0 if last is None else last.turn + 1)

    def void(self, held: Held) -> Usage | None:
        """Take back the charge that a reservation made, if it made one.

        The charge stays where taking it back has no room: its month is over and the new one has less than that, or the
        month had become so much cheaper by it that a limit would be passed.
        """
        ask = held.ask
        last = self.latest.get((ask.tenant, ask.event))
        if last is None or last.turn % 2 or last.token != held.token:
            return None
        head = self.heads[ask.tenant]
        month = head.month if head.month > head.closed else self.month(ask.tenant)
        quantities = {unit: -quantity for unit, quantity in json.loads(last.quantities).items()}
        known = self._sums(ask.tenant, month).totals.get(ask.plan, {})
        if any(known.get((ask.model, unit), 0) + quantity < 0 for unit, quantity in quantities.items()):
            return None
        amount = self._marginal(ask, month, quantities)
        costs = needs(ask, amount, {}, month)
        if any(need and need > self._room(purse, ask.limits) for purse, need in costs.items()):
            return None
        where = (tables.replies.c.tenant == ask.tenant) & (tables.replies.c.event == ask.event)
        self.connection.execute(sa.delete(tables.replies).where(where))
        return self._append(held.token, ask, quantities, amount, month, last.turn + 1)

    def lease(self, purse: Purse, holder: str, short: int, need: int, limits: Limits) -> bool:
        """Lease ``short`` more and some ahead; False where there is no room."""
        room = self._room(purse, limits)
        if room < short:
            return False
        self.set_lease(purse, holder, self.leases.get(purse, {}).get(holder, 0) + block(short, room, need))
        return True

    def set_lease(self, purse: Purse, holder: str, amount: int) -> None:
        """Set what a holder has leased."""
        self.leases.setdefault(purse, {})[holder] = amount
        self._changed_leases.add((purse, holder))

    def changed(self, holder: str) -> dict[Purse, int]:
        """What a holder has leased of the purses whose leases changed."""
        return {purse: self.leases[purse][name] for purse, name in self._changed_leases if name == holder}

    def flush(self) -> None:
        """Write what changed."""
        write = self.connection
        if self._lines:
            write.execute(sa.insert(tables.lines), self._lines)
        appended = {line["tenant"] for line in self._lines}
        put(write, tables.tenants, [loading.head_row(name, self.heads[name]) for name in sorted(appended)])
        put(write, tables.totals, [self._total_row(*key) for key in sorted(self._changed_totals)])
        put(write, tables.amounts, [self._amount_row(*key) for key in sorted(self._changed_amounts)])
        put(
            write,
            tables.leases,
            [
                {**purse._asdict(), "holder": holder, "amount": self.leases[purse][holder], "wanted": False}
                for purse, holder in sorted(self._changed_leases)
            ],
        )
        put(
            write,
            tables.wallets,
            [
                {"tenant": tenant, "currency": currency, "balance": self._wallets[tenant, currency]}
                for tenant, currency in sorted(self._changed_wallets)
            ],
        )

    def _total_row(self, tenant: str, month: str, plan: str, model: str, unit: str) -> dict[str, Any]:
        quantity = self._months[tenant, month].totals[plan][model, unit]
        return dict(zip(_TOTAL, (tenant, month, plan, model, unit, quantity), strict=True))

    def _amount_row(self, tenant: str, month: str, plan: str, currency: str) -> dict[str, Any]:
        amount = self._months[tenant, month].amounts[plan, currency]
        return dict(zip(_AMOUNT, (tenant, month, plan, currency, amount), strict=True))

    def _marginal(self, ask: Ask, month: str, quantities: Quantities) -> int:
        """What the month costs with ``quantities`` less what it cost so far."""
        sums = self._sums(ask.tenant, month)
        totals = dict(sums.totals.get(ask.plan, {}))
        for unit, quantity in quantities.items():
            totals[ask.model, unit] = totals.get((ask.model, unit), 0) + quantity
        before = sums.amounts.get((ask.plan, ask.currency))
        if before is None:
            before = self._rules.pricing.amount(ask.plan, {})
        cost = self._rules.pricing.amount(ask.plan, totals)
        if cost > _MOST:
            raise LedgerError("The month costs more than can be counted.", mend="Look at the prices of the plan.")
        return cost - before

    def _draw(
        self,
        ask: Ask,
        wanted: Mapping[Purse, int],
        holder: str,
        mine: Mapping[Purse, int],
        idle: Callable[[Purse], int],
    ) -> dict[Purse, int]:
        """How much of each need comes from the holder's lease; the rest has room beside all leases."""
        taken: dict[Purse, int] = {}
        for purse, need in wanted.items():
            leased = self.leases.get(purse, {}).get(holder, 0)
            part = min(need, mine.get(purse, 0), leased)
            if part < need:
                part += max(0, min(need - part, leased - part, idle(purse)))
            if part < need and self._room(purse, ask.limits) < need - part:
                raise LedgerError(
                    "The reservation of the event {event!r} was lost, and the {kind} has no room without it.",
                    mend="Ask again; nothing was charged.",
                    event=ask.event,
                    kind=purse.kind,
                )
            if part:
                taken[purse] = part
        return taken

    def _room(self, purse: Purse, limits: Limits) -> int:
        """What is neither spent nor leased to anybody."""
        leased = sum(self.leases.get(purse, {}).values())
        if purse.kind == "wallet":
            return self._wallets.get((purse.tenant, purse.unit), 0) - leased
        limit = limits.budget if purse.kind == "budget" else limits.quota.get(purse.unit)
        return (limit or 0) - self._sums(purse.tenant, purse.month).spent(purse) - leased

    def _append(self, token: str, ask: Ask, quantities: Quantities, amount: int, month: str, turn: int) -> Usage:
        head = self.heads[ask.tenant]
        head.seq, head.at, head.month = head.seq + 1, max(self._now, head.at), month
        self._add(ask, quantities, amount, month)
        line = {
            "tenant": ask.tenant,
            "seq": head.seq,
            "event": ask.event,
            "turn": turn,
            "token": token,
            "key": ask.key,
            "model": ask.model,
            "route": ask.route,
            "plan": ask.plan,
            "currency": ask.currency,
            "quantities": json.dumps(dict(quantities), separators=(",", ":")),
            "amount": amount,
            "prepaid": ask.limits.prepaid,
            "at": head.at,
            "month": month,
            "subject": ask.subject,
            "version": ask.version,
        }
        self._lines.append(line)
        row = SimpleNamespace(**line)
        self.latest[ask.tenant, ask.event] = row
        return usage(row, quantities)

    def _add(self, ask: Ask, quantities: Quantities, amount: int, month: str) -> None:
        sums = self._sums(ask.tenant, month)
        totals = sums.totals.setdefault(ask.plan, {})
        for unit, quantity in quantities.items():
            totals[ask.model, unit] = totals.get((ask.model, unit), 0) + quantity
            self._changed_totals.add((ask.tenant, month, ask.plan, ask.model, unit))
        money = (ask.plan, ask.currency)
        if money not in sums.amounts:
            sums.amounts[money] = self._rules.pricing.amount(ask.plan, {})
        sums.amounts[money] += amount
        self._changed_amounts.add((ask.tenant, month, *money))
        if ask.limits.prepaid:
            wallet = (ask.tenant, ask.currency)
            self._wallets[wallet] = self._wallets.get(wallet, 0) - amount
            self._changed_wallets.add(wallet)

    def _sums(self, tenant: str, month: str) -> Month:
        found = self._months.get((tenant, month))
        if found is None:
            found = self._months[tenant, month] = Month()
        return found


def usage(row: Any, quantities: Quantities | None = None) -> Usage:
    """The line of a row."""
    return Usage(
        tenant=row.tenant,
        seq=row.seq,
        event=row.event,
        kind="void" if row.turn % 2 else "charge",
        key=row.key,
        model=row.model,
        route=row.route,
        plan=row.plan,
        currency=row.currency,
        quantities=json.loads(row.quantities) if quantities is None else quantities,
        amount=row.amount,
        at=row.at,
        month=row.month,
        subject=row.subject,
        version=row.version,
    )


_MOST = 2**62  # of 64 bits, so that sums of two have room
_TOTAL = [column.name for column in tables.totals.c]
_AMOUNT = [column.name for column in tables.amounts.c]
