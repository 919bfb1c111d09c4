"""What waits for the ledger's writer, and how all of it is written in one transaction."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa

from argosy.core.ledger import Held, LedgerError, Quantities, Receipt, RefusedError, Reply, Usage, Why
from argosy.store.ledger import holders, replies
from argosy.store.ledger.posting import Posting, Rules, usage
from argosy.store.ledger.purses import Blocks, Purse

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Open:
    """A reservation that lives: what it keeps free of which purse, and what became of it."""

    held: Held
    needs: dict[Purse, int]
    recorded: Quantities | None = None
    settling: bool = False
    abandoned: bool = False


@dataclass(slots=True, eq=False)
class Item:
    """Something to write; ``future`` hears of it after the commit."""

    kind: Literal["reserve", "record", "settle", "release", "forget"]
    held: Held
    future: "Future[Any]"
    open: Open | None = None
    quantities: Quantities = field(default_factory=dict)
    reply: Reply | None = None
    outcome: Any = None
    holding: bool = False  # whether a reservation under way is counted in its blocks


@dataclass(slots=True, kw_only=True)
class Memory:
    """What a ledger knows beside the database; ``lock`` guards all of it."""

    holder: str
    rules: Rules
    clock: Callable[[], int]
    keep_replies: int  # µs
    lock: threading.Lock = field(default_factory=threading.Lock)
    blocks: Blocks = field(default_factory=Blocks)
    open: dict[str, Open] = field(default_factory=dict)
    doubtful: dict[str, Held] = field(default_factory=dict)  # to be taken back, should they have been charged
    months: dict[str, str] = field(default_factory=dict)
    waiting: list[Item] = field(default_factory=list)

    def close(self, token: str) -> None:
        """A reservation is over: what it kept is free."""
        found = self.open.pop(token, None)
        if found:
            self.blocks.free(found.needs)

    def fail(self, token: str) -> None:
        """A reservation could not be settled: it is over, but for a stream's, which may be charged as recorded."""
        found = self.open.get(token)
        if found is None or found.recorded is None or found.abandoned:
            self.close(token)
        else:
            found.settling = False


class Drain:
    """All that waits when the transaction has begun, so that what was given up before is never written."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._items: list[Item] | None = None
        self._doubtful: dict[str, Held] = {}
        self._leased: dict[Purse, int] = {}
        self._months: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many things it writes."""
        return len(self._items or ())

    def write(self, connection: sa.Connection) -> None:
        """Write all of it; again, when the database took the transaction back."""
        memory = self._memory
        with memory.lock:
            if self._items is None:
                self._items, memory.waiting = memory.waiting, []
            self._doubtful = dict(memory.doubtful)
            items = [item for item in self._items if not (item.open and item.open.abandoned and item.kind == "settle")]
        posting = self._load(connection, items)
        for held in self._doubtful.values():
            _take_back(posting, held)
        self._note(connection, items)
        freed: dict[Purse, int] = {}
        kept: list[dict[str, Any]] = []
        for item in items:
            if item.kind in {"settle", "release"}:
                self._settle(connection, posting, item, freed, kept)
        refused = {purse for item in items if item.kind == "reserve" for purse in self._reserve(posting, item, freed)}
        posting.flush()
        replies.keep(connection, kept)
        self._forget(connection)
        if refused:
            holders.want(connection, memory.holder, refused)
        self._leased = posting.changed(memory.holder)
        self._months = {name: head.month for name, head in posting.heads.items()}

    def committed(self) -> bool:
        """Tell everybody, once the commit is durable; whether something is to be taken back."""
        memory = self._memory
        told: list[tuple[Item, Any]] = []
        with memory.lock:
            for token in self._doubtful:
                memory.doubtful.pop(token, None)
            memory.months.update(self._months)
            told += [(item, self._finish(item)) for item in self._items or ()]
            memory.blocks.leased(self._leased)
            doubtful = bool(memory.doubtful)
        _tell(told)
        return doubtful

    def failed(self, error: BaseException) -> None:
        """Tell everybody that nothing was written; what may have been is taken back by the next drain."""
        memory, told = self._memory, []
        with memory.lock:
            began = self._items is not None
            if self._items is None:
                self._items, memory.waiting = memory.waiting, []
            for item in self._items:
                if item.kind == "reserve" and item.holding and item.open:
                    memory.blocks.free(item.open.needs)
                if item.kind in {"settle", "release"}:
                    memory.fail(item.held.token)
                    if began and isinstance(item.outcome, Receipt | Usage):
                        memory.doubtful[item.held.token] = item.held
                told.append((item, _lost(error)))
        _tell(told)

    def _load(self, connection: sa.Connection, items: list[Item]) -> Posting:
        posting = Posting(connection, self._memory.rules, self._memory.clock())
        charged = [item.held for item in items if item.kind in {"settle", "release"}] + list(self._doubtful.values())
        reserved = [item.held for item in items if item.kind == "reserve"]
        limited = {held.ask.tenant for held in (*charged, *reserved) if _is_limited(held)}
        tenants = {held.ask.tenant for held in charged} | limited
        posting.load(tenants, events={(held.ask.tenant, held.ask.event) for held in charged}, limited=limited)
        return posting

    def _note(self, connection: sa.Connection, items: list[Item]) -> None:
        with self._memory.lock:
            lives = [item for item in items if item.kind == "record" and item.held.token in self._memory.open]
        streams = {item.held.token: (item.held, item.quantities) for item in lives}
        holders.note(connection, self._memory.holder, streams)

    def _forget(self, connection: sa.Connection) -> None:
        """Drop the progress of what is over."""
        over = [
            (item.held.ask.tenant, item.held.token)
            for item in self._items or ()
            if item.kind in {"release", "forget"}
            or (item.kind == "settle" and item.open and item.open.recorded and isinstance(item.outcome, Receipt))
        ]
        holders.forget(connection, over)

    def _settle(
        self,
        connection: sa.Connection,
        posting: Posting,
        item: Item,
        freed: dict[Purse, int],
        kept: list[dict[str, Any]],
    ) -> None:
        memory, ask = self._memory, item.held.ask
        mine = item.open.needs if item.open else {}
        last = posting.latest.get((ask.tenant, ask.event))
        if last is not None and last.turn % 2 == 0:
            found = replies.find(connection, ask.tenant, ask.event, memory.clock())
            item.outcome = Receipt(usage=usage(last), repeated=True, reply=found)
        else:
            try:
                line = posting.charge(
                    item.held, item.quantities, memory.holder, mine, lambda purse: self._idle(posting, purse, freed)
                )
            except Exception as error:  # noqa: BLE001 - prices are the caller's functions; nothing was changed
                item.outcome = error if isinstance(error, LedgerError) else _lost(error)
                return
            item.outcome = Receipt(usage=line, reply=item.reply)
            if item.reply:
                expires = memory.clock() + memory.keep_replies
                kept.append(replies.row(ask.tenant, ask.event, ask.subject, item.reply, expires))
        for purse, need in mine.items():
            freed[purse] = freed.get(purse, 0) + need

    def _idle(self, posting: Posting, purse: Purse, freed: dict[Purse, int]) -> int:
        """What of this holder's lease nobody has reserved."""
        with self._memory.lock:
            held = self._memory.blocks.of(purse).held
        return posting.leases.get(purse, {}).get(self._memory.holder, 0) - held + freed.get(purse, 0)

    def _reserve(self, posting: Posting, item: Item, freed: dict[Purse, int]) -> set[Purse]:
        """Lease what a reservation lacks; the purses without room."""
        memory, wanted = self._memory, item.open.needs if item.open else {}
        with memory.lock:
            if not item.holding:
                memory.blocks.hold(wanted)
                item.holding = True
            held = {purse: memory.blocks.of(purse).held - freed.get(purse, 0) for purse in wanted}
        item.outcome = item.held
        lacking = set()
        for purse, need in wanted.items():
            leased = posting.leases.get(purse, {}).get(memory.holder, 0)
            short = held[purse] - leased
            if need and short > 0 and not posting.lease(purse, memory.holder, short, need, item.held.ask.limits):
                lacking.add(purse)
        if lacking:
            item.outcome = _refusal(min(lacking))
            for purse, need in wanted.items():
                freed[purse] = freed.get(purse, 0) + need  # as far as this drain reckons, it is free again
        return lacking

    def _finish(self, item: Item) -> Any:
        """What an item's future hears; the memory after the commit."""
        memory, token = self._memory, item.held.token
        if item.kind == "reserve" and item.open:
            if isinstance(item.outcome, RefusedError):
                memory.blocks.free(item.open.needs)
            else:
                memory.open[token] = item.open
        elif item.kind in {"settle", "release"}:
            if item.kind == "settle" and isinstance(item.outcome, LedgerError):
                memory.fail(token)
            else:
                memory.close(token)
            if item.open and item.open.abandoned:
                if isinstance(item.outcome, Receipt) and not item.outcome.repeated:
                    memory.doubtful[token] = item.held
                return _given_up()
        return None if item.kind == "release" and isinstance(item.outcome, Receipt) else item.outcome


def _take_back(posting: Posting, held: Held) -> None:
    try:
        posting.void(held)
    except Exception:  # noqa: BLE001 - as above; one that fails does not stop all others
        _log.exception("a charge of %s could not be taken back", held.ask.tenant)


def _is_limited(held: Held) -> bool:
    limits = held.ask.limits
    return limits.budget is not None or limits.prepaid or bool(limits.quota)


def _refusal(purse: Purse) -> RefusedError:
    whys: dict[str, Why] = {"budget": "budget", "quota": "quota", "wallet": "wallet"}
    messages = {
        "budget": RefusedError(
            "The budget of the month {month} has no room for this.",
            why=whys["budget"],
            mend="Ask for less, raise the budget, or wait for the next month.",
            month=purse.month,
        ),
        "quota": RefusedError(
            "The quota of {unit} for the month {month} has no room for this.",
            why=whys["quota"],
            mend="Ask for less, raise the quota, or wait for the next month.",
            unit=purse.unit,
            month=purse.month,
        ),
        "wallet": RefusedError(
            "The wallet has no room for this.", why=whys["wallet"], mend="Ask for less, or pay in more."
        ),
    }
    return messages[purse.kind]


def _lost(error: BaseException) -> LedgerError:
    lost = LedgerError("The ledger could not write: {said}", mend="Ask again; nothing was charged.", said=str(error))
    lost.__cause__ = error
    return lost


def _given_up() -> LedgerError:
    return LedgerError("Nobody waits for this any more; nothing was charged.")


def _tell(told: list[tuple[Item, Any]]) -> None:
    for item, outcome in told:
        if not item.future.set_running_or_notify_cancel():
            continue
        if isinstance(outcome, BaseException):
            item.future.set_exception(outcome)
        else:
            item.future.set_result(outcome)
