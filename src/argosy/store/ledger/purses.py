"""What limits a tenant: budgets of money, quotas of units and wallets, leased in blocks to those who reserve.

Durable is what a holder has leased; what it has reserved of that, it holds in memory. In every transaction
``spent + leased ≤ limit``; so whatever crashes, no purse is overspent.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from argosy.core.ledger import Ask, Quantities

_SHARE = 8  # a block takes at most this part of what is left
_AHEAD = 16  # and at most as much as so many requests like the one that asked


class Purse(NamedTuple):
    """A limit of a tenant: ``unit`` is that of a quota, or the currency; a wallet has no month."""

    tenant: str
    kind: Literal["budget", "quota", "wallet"]
    month: str
    unit: str


def needs(ask: Ask, amount: int, quantities: Quantities, month: str) -> dict[Purse, int]:
    """What an event takes from each purse of its tenant, if it costs ``amount`` in ``month``."""
    limits, tenant = ask.limits, ask.tenant
    taken: dict[Purse, int] = {}
    if limits.budget is not None:
        taken[Purse(tenant, "budget", month, ask.currency)] = max(amount, 0)
    if limits.prepaid:
        taken[Purse(tenant, "wallet", "", ask.currency)] = max(amount, 0)
    for unit in limits.quota:
        if quantities.get(unit, 0) > 0:
            taken[Purse(tenant, "quota", month, unit)] = quantities[unit]
    return taken


def block(short: int, room: int, need: int) -> int:
    """What to lease when ``short`` is missing and ``room`` is left: more than that, but little when little is left."""
    return short + min(_AHEAD * need, (room - short) // _SHARE)


@dataclass(slots=True)
class Block:
    """A holder's lease in memory, and what of it is reserved."""

    leased: int = 0
    held: int = 0
    used: float = 0.0  # s, when it was last reserved from


class Blocks:
    """A holder's leases; whoever calls keeps other threads out."""

    def __init__(self) -> None:
        self._blocks: dict[Purse, Block] = {}

    def of(self, purse: Purse) -> Block:
        """The block of a purse, made when it is new."""
        return self._blocks.setdefault(purse, Block())

    def take(self, wanted: Mapping[Purse, int]) -> bool:
        """Reserve all of it, or nothing."""
        for purse, need in wanted.items():
            found = self._blocks.get(purse)
            if need and (found is None or found.leased - found.held < need):
                return False
        self.hold(wanted)
        return True

    def hold(self, wanted: Mapping[Purse, int]) -> None:
        """Reserve it, leased or not."""
        now = time.monotonic()
        for purse, need in wanted.items():
            found = self.of(purse)
            found.held += need
            found.used = now

    def free(self, wanted: Mapping[Purse, int]) -> None:
        """Give back what was reserved."""
        for purse, need in wanted.items():
            self.of(purse).held -= need

    def leased(self, amounts: Mapping[Purse, int]) -> None:
        """Set what the database says is leased."""
        for purse, amount in amounts.items():
            found = self.of(purse)
            found.leased = amount
            if not found.held and not amount:
                del self._blocks[purse]

    def idle(self, seconds: float) -> set[Purse]:
        """The purses with something to give back that nobody reserved from for so long; empty blocks are forgotten."""
        before = time.monotonic() - seconds
        for purse in [purse for purse, found in self._blocks.items() if not (found.leased or found.held)]:
            del self._blocks[purse]
        return {purse for purse, found in self._blocks.items() if found.leased > found.held and found.used <= before}

    def keep(self, purses: Iterable[Purse]) -> dict[Purse, int]:
        """Reserve no more from these blocks; what of each is reserved."""
        kept = {}
        for purse in purses:
            found = self.of(purse)
            kept[purse] = max(0, found.held)
            found.leased = min(found.leased, kept[purse])
        return kept

    def reset(self, amounts: Mapping[Purse, int]) -> None:
        """Set everything that the database says is leased."""
        self.leased({**dict.fromkeys(self._blocks, 0), **amounts})
