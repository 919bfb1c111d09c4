"""The rounds of a service that watches itself: look each period, send what is due, forget what is old, improve.

Several processes of one project may make rounds, on several machines: each job is done by whose turn it is, and each
message sent by who claimed it (see ``store.watching``). A failure is told in the log, and the job tried again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from argosy.project.improving import tries
from argosy.project.selling.shop import Shop
from argosy.project.watching.addresses import Address, addresses_of
from argosy.project.watching.apart import look_apart, reason
from argosy.project.watching.letters import Wording, wording_of
from argosy.project.watching.sending import send_due
from argosy.store.database import Database
from argosy.store.watching.messages import SqlMessages
from argosy.store.watching.signals import SqlSignals
from argosy.store.watching.turns import SqlTurns

_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3600 * _SECOND, 86_400 * _SECOND
LATE = 2 * _MINUTE
"""How long after the end of a period it is looked at: workers have written what they counted by then."""
_HOLD = 30 * _MINUTE  # a job that takes longer is begun by another process too
_NAP = 2.0  # s between two looks at what is due
_PATIENCE = 10.0  # s for what is under way at the end
error_log = logging.getLogger("argosy.error")
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that is due ``late`` after each whole multiple of ``every`` since the epoch, in microseconds.

    ``work`` is given the time, and an event that tells it to stop; it is tried ``again`` so long after a failure.
    """

    name: str
    every: int
    work: Callable[[int, threading.Event], object]
    late: int = 0
    again: int = _MINUTE

    def next(self, at: int) -> int:
        """When it is due after ``at``."""
        return (at - self.late) // self.every * self.every + self.every + self.late


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


@contextmanager
def making_rounds(shop: Shop, database: Database, *, clock: Clock = now) -> Iterator[None]:
    """Watch a project while the block runs; raises ProjectError or MissingError for addresses that nothing can use."""
    with running(shop, database, _jobs(shop, database), name="argosy-rounds", sends=True, clock=clock):
        yield


@contextmanager
def running(
    shop: Shop, database: Database, jobs: Sequence[Job], *, name: str, sends: bool, clock: Clock = now
) -> Iterator[None]:
    """Do jobs while the block runs, in threads of this ``name``, and send the messages that are due if it ``sends``.

    Raises ProjectError or MissingError for addresses that nothing can use.
    """
    addresses = addresses_of(shop.project.watch.send) if sends else []
    if sends:
        SqlMessages(database).readdress([address.target for address in addresses], clock()).result()
    ended = threading.Event()
    tasks: list[Callable[[], None]] = [lambda: _work(jobs, SqlTurns(database), clock, ended)]
    tasks += [_sender(SqlMessages(database), address, wording_of(shop), clock, ended) for address in addresses]
    threads = [threading.Thread(target=task, name=name, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(_PATIENCE)


def do_due(jobs: Sequence[Job], turns: SqlTurns, at: int, ended: threading.Event) -> list[str]:
    """Do the jobs that are due and that no other process does; their names. Failures are told and tried again."""
    done = []
    for job in jobs:
        if not turns.take(job.name, at, at + _HOLD, first=job.next(at)):
            continue
        try:
            job.work(at, ended)
        except Exception as error:  # noqa: BLE001 - what serves must go on
            error_log.error("%s failed and is tried again: %s", job.name, reason(error))
            turns.put_off(job.name, at + job.again).result()
        else:
            turns.put_off(job.name, at if ended.is_set() else job.next(at)).result()  # what was cut short is due
            done.append(job.name)
    return done


def _jobs(shop: Shop, database: Database) -> list[Job]:
    watch = shop.project.watch

    def forget(at: int, _: threading.Event) -> None:
        SqlSignals(database).forget(at - watch.keep_days * _DAY)

    def improve(at: int, _: threading.Event) -> None:
        if tries.due(shop.folder, at):
            threading.Thread(target=tries.start(shop.folder, at).wait, name="argosy-improve", daemon=True).start()

    jobs = [
        Job(name="look", every=watch.every_minutes * _MINUTE, late=LATE, work=partial(look_apart, shop)),
        Job(name="forget", every=_DAY, work=forget),
    ]
    if shop.project.improve.every_days:
        jobs.append(Job(name="improve", every=_HOUR, work=improve, again=_HOUR))
    return jobs


def _work(jobs: Sequence[Job], turns: SqlTurns, clock: Clock, ended: threading.Event) -> None:
    failures = _Failures()
    while not ended.is_set():
        with failures.told(ended):
            do_due(jobs, turns, clock(), ended)
        ended.wait(_NAP)


def _sender(
    messages: SqlMessages, address: Address, wording: Wording, clock: Clock, ended: threading.Event
) -> Callable[[], None]:
    def run() -> None:
        failures = _Failures()
        while not ended.is_set():
            taken = 0
            with failures.told(ended):
                taken = send_due(messages, address, wording, clock)
            ended.wait(0 if taken else _NAP)

    return run


class _Failures:
    """A failure of the database is told when it comes, not again while it lasts, and the rounds go on."""

    def __init__(self) -> None:
        self._last = ""

    @contextmanager
    def told(self, ended: threading.Event) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - what serves must go on
            said = reason(error)
            if said != self._last and not ended.is_set():
                error_log.error("watching: %s", said)
            self._last = said
        else:
            self._last = ""
