"""The ledger on a database: what is reserved in memory from durable leases, settled in commits that many share.

What is promised, case by case:

- restart or SIGKILL: a settle whose future had a result has its line, every other event has one at most. Reservations
  live in memory and end with the process; its leases are taken back when the next ledger opens the file, under the same
  holder's name, or after 20 s (``store.holders``); recorded streams are then charged for what was recorded;
- power loss: the same, as far as the disk tells the truth about ``fsync``;
- disk full: changes fail at once with what to do, and nothing of them is written; the ledger goes on by itself;
- database gone or locked: changes fail at once or after 5 s. Where it broke off during a commit, what it wrote
  nevertheless is taken back by a void line before anything else of this ledger is written; only if the process ends
  before that, the charge stays (once: a retry with the same event gets its receipt). It goes on by itself when the
  database is back, with the leases it had: nobody is taken for dead for the time in which nobody could write;
- clock set back: ``at`` and ``month`` never go back within a tenant; set ahead by mistake, they stay ahead until the
  clock has caught up;
- always: no purse is overspent. Who lost its lease, or settles in a later month than it reserved in, must find room
  anew, or fails and charges nothing.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

from argosy.core.errors import ArgosyError, BusyError
from argosy.core.ids import new_id
from argosy.core.ledger import UNITS, Ask, Held, LedgerError, Pricing, Quantities, Receipt, Reply, Usage
from argosy.store.database import Database
from argosy.store.ledger import books, holders, replies
from argosy.store.ledger.drain import Drain, Item, Memory, Open
from argosy.store.ledger.months import Calendar
from argosy.store.ledger.posting import Rules
from argosy.store.ledger.purses import Purse, needs

_BEAT = 1.0  # s between signs of life; in that time what stands idle is given back to whoever asks for it
_IDLE = 5.0  # s after which an unused block is given back unasked
_PACE = 0.004  # s between commits while several events come at once: fewer commits, each a little later
_KEPT = 86_400 * 10**6  # µs that a reply is kept
_CLEAR_EVERY = 30  # beats between two clearings of replies
_log = logging.getLogger(__name__)


class SqlLedger:
    """core.ledger.Ledger on a Database that ``upgrade`` has seen.

    A file of SQLite has one ledger at a time (BusyError); PostgreSQL as many as there are processes. A ``holder``'s
    name, if given, is that of one process: what died under that name is cleared at once, not only after 20 s.
    """

    def __init__(
        self,
        database: Database,
        pricing: Pricing,
        *,
        time_zone: str = "UTC",
        holder: str = "",
        keep_replies: int = _KEPT,
        clock: Callable[[], int] = books.wall_clock,
    ) -> None:
        self.database = database
        rules = Rules(pricing=pricing, calendar=Calendar(time_zone))
        self._name = holder
        self._memory = Memory(holder=secrets.token_hex(8), rules=rules, clock=clock, keep_replies=keep_replies)
        self._asked = False  # whether a drain is on its way that has not begun
        self._alive = 0.0  # since when signs of life came without a pause
        self._unsure = False  # whether what is leased must be read again
        self._behind = False  # whether more replies are over than one clearing deletes
        self._closed = threading.Event()
        self._lock = _lock(database)
        try:
            database.write(self._start).result()
        except BaseException:
            self._unlock()
            raise
        self._alive = time.monotonic()
        self._thread = threading.Thread(target=self._live, name="argosy-ledger", daemon=True)
        self._thread.start()

    def reserve(self, ask: Ask) -> "Future[Held]":
        """Keep free what the event may cost: from a lease in memory, or after a commit that leases more."""
        future: Future[Held] = Future()
        memory = self._memory
        try:
            _check(ask.at_most)
            amount = memory.rules.pricing.most(ask.plan, ask.model, ask.at_most)
        except Exception as error:  # noqa: BLE001 - prices are the caller's functions
            future.set_exception(error)
            return future
        held = Held(ask=ask, amount=amount, token=new_id()[:24])
        with memory.lock:
            month = max(memory.rules.calendar.month(memory.clock()), memory.months.get(ask.tenant, ""))
            opened = Open(held, needs(ask, amount, ask.at_most, month))
            room = memory.blocks.take(opened.needs)
            if room:
                memory.open[held.token] = opened
        if room:
            future.set_result(held)
        else:
            self._put(Item("reserve", held, future, opened))
        return future

    def record(self, held: Held, quantities: Quantities) -> "Future[None]":
        """Note how far a stream has come."""
        future: Future[None] = Future()
        if _fits(held, quantities, future):
            with self._memory.lock:
                opened = self._memory.open.get(held.token)
                if opened and not opened.settling:
                    opened.recorded = dict(quantities)
            if opened is None or opened.settling:
                future.set_exception(
                    LedgerError("The reservation of the event {event!r} is over.", event=held.ask.event)
                )
            else:
                self._put(Item("record", held, future, opened, dict(quantities)))
        return future

    def settle(self, held: Held, quantities: Quantities, reply: Reply | None = None) -> "Future[Receipt]":
        """Charge an event once; whatever comes of it, the reservation is over."""
        future: Future[Receipt] = Future()
        if _fits(held, quantities, future):
            with self._memory.lock:
                opened = self._memory.open.get(held.token)
                if opened:
                    opened.settling = True
            self._put(Item("settle", held, future, opened, quantities, reply))
        return future

    def release(self, held: Held) -> "Future[None]":
        """Free what was reserved; a stream is charged for what was recorded."""
        future: Future[None] = Future()
        with self._memory.lock:
            opened = self._memory.open.get(held.token)
            recorded = opened.recorded if opened and not opened.settling else None
            if opened and recorded is None and not opened.settling:
                self._memory.close(held.token)
            elif opened:
                opened.settling = True
        if opened is not None and recorded is not None:
            self._put(Item("release", held, future, opened, recorded))
        else:
            future.set_result(None)
        return future

    def abandon(self, held: Held) -> None:
        """Give up: what is not written yet never is, and what is gets a void line; recorded progress is forgotten."""
        memory = self._memory
        with memory.lock:
            opened = memory.open.get(held.token)
            if opened is None:
                memory.doubtful[held.token] = held
            else:
                opened.abandoned = True
                if not opened.settling:
                    memory.close(held.token)
        if opened is None or opened.recorded is not None:
            self._put(Item("forget", held, Future()))

    def replied(self, tenant: str, event: str) -> Receipt | None:
        """The receipt of an event charged before, with the reply kept for it, if any."""
        with self._memory.lock:
            if any((held.ask.tenant, held.ask.event) == (tenant, event) for held in self._memory.doubtful.values()):
                return None
        with self.database.reading() as connection:
            charged = books.charged(connection, tenant, event)
            if charged is None:
                return None
            reply = replies.find(connection, tenant, event, self._memory.clock())
        return Receipt(usage=charged, repeated=True, reply=reply)

    def between(self, tenant: str, after: int, through: int | None = None) -> Iterator[Usage]:
        """The lines of a tenant with ``after`` < seq ≤ ``through`` in order."""
        return books.between(self.database, tenant, after, through)

    def close(self) -> None:
        """Write what waits, charge streams for what was recorded, and give back every lease."""
        self._closed.set()
        self._thread.join()
        with suppress(ArgosyError, sa.exc.SQLAlchemyError):
            self._drain()
            self.database.write(self._leave).result()
        self._unlock()

    def _put(self, item: Item) -> None:
        with self._memory.lock:
            self._memory.waiting.append(item)
            asked, self._asked = self._asked, True
        if not asked:
            self._drain()

    def _drain(self) -> None:
        drain = Drain(self._memory)

        def work(connection: sa.Connection) -> None:
            with self._memory.lock:
                self._asked = False
            drain.write(connection)

        def done(future: "Future[None]") -> None:
            error = future.exception()
            self.database.pace = _PACE if drain.count > 1 else 0.0
            if error is None:
                if drain.committed():  # something was given up meanwhile
                    self._drain()
            else:
                with self._memory.lock:
                    self._asked, self._unsure = False, True
                drain.failed(error)

        self.database.write(work, done)

    def _start(self, connection: sa.Connection) -> None:
        memory = self._memory
        at = holders.now(connection, memory.clock())
        gone = holders.others(connection, memory.holder, name=None if self.database.sqlite else self._name)
        for holder in gone:
            holders.clear(connection, holder, memory.rules, memory.clock())
        holders.register(connection, memory.holder, self._name, at)

    def _leave(self, connection: sa.Connection) -> None:
        holders.clear(connection, self._memory.holder, self._memory.rules, self._memory.clock())

    def _live(self) -> None:
        """Once a second: say that we live, give back what is idle, clear what the dead left."""
        beats = 0
        while not self._closed.wait(_BEAT):
            beats += 1
            try:
                self._live_once(beats)
            except Exception as error:  # noqa: BLE001 - whatever it is, leases would be lost without a sign of life
                _log.warning("the ledger cannot reach its database: %s", error)
                self._alive, self._unsure = time.monotonic(), True

    def _live_once(self, beats: int) -> None:
        memory = self._memory
        with memory.lock:
            idle, doubtful = memory.blocks.idle(_IDLE), bool(memory.doubtful)
        if doubtful:
            self._drain()
        if idle or self._unsure or not self.database.sqlite:
            self._unsure = False
            self.database.write(lambda connection: self._give_back(connection, idle), self._given_back).result()
        if not self.database.sqlite and time.monotonic() - self._alive > holders.EXPIRES / 10**6:
            self.database.write(self._clear).result()
        if beats % _CLEAR_EVERY == 0 or self._behind:
            at = memory.clock()
            self._behind = self.database.write(lambda connection: replies.expire(connection, at)).result()

    def _give_back(self, connection: sa.Connection, idle: set[Purse]) -> dict[Purse, int]:
        """Give back what is idle or wanted by others; what is leased then."""
        memory = self._memory
        at = holders.now(connection, memory.clock())
        if not holders.beat(connection, memory.holder, at):
            holders.register(connection, memory.holder, self._name, at)
        wanted = holders.wanted(connection, memory.holder)
        with memory.lock:
            kept = memory.blocks.keep(idle | wanted)
        holders.trim(connection, memory.holder, kept)
        return holders.leased(connection, memory.holder)

    def _given_back(self, future: "Future[dict[Purse, int]]") -> None:
        if future.exception() is None:
            with self._memory.lock:
                self._memory.blocks.reset(future.result())

    def _clear(self, connection: sa.Connection) -> None:
        memory = self._memory
        before = holders.now(connection, memory.clock()) - holders.EXPIRES
        for holder in holders.dead(connection, memory.holder, before):
            holders.clear(connection, holder, memory.rules, memory.clock())

    def _unlock(self) -> None:
        if self._lock:
            self._lock.release()


def _lock(database: Database) -> FileLock | None:
    """One ledger a file: another one gets BusyError; what administers the file needs no lock."""
    if database.file is None:
        return None
    lock = FileLock(f"{database.file}.lock", thread_local=False)  # whoever closes may be another thread
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyError(
            "Another service holds the ledger in this file.",
            where=database.name,
            mend="Stop it first, let workers forward to it, or keep the ledger in PostgreSQL.",
        ) from error
    return lock


def _check(quantities: Quantities) -> None:
    wrong = [unit for unit, quantity in quantities.items() if unit not in UNITS or quantity < 0]
    if wrong:
        raise ValueError(wrong)


def _fits(held: Held, quantities: Quantities, future: "Future[Any]") -> bool:
    """Whether nothing is above what was reserved; else the future hears it."""
    over = {unit: used for unit, used in quantities.items() if not 0 <= used <= held.ask.at_most.get(unit, 0)}
    if over:
        future.set_exception(ValueError(over))
    return not over
