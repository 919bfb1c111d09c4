"""Tallies of traffic in both databases: each once, by slot, in pages, and gone when they are old."""

from dataclasses import replace

from deadlines import until
from prometheus_client import CollectorRegistry

from argosy.core.signals import SLOT, Tally
from argosy.serve.running.edge import Visit
from argosy.serve.running.tracing import SILENT
from argosy.serve.watching.counting import Counting
from argosy.store.database import Database
from argosy.store.watching.signals import SqlSignals

ONE = Tally(
    id="wrk_1-1",
    model="情绪",
    version="3",
    tenant="ten_a",
    host="h",
    start=5 * SLOT,
    at=7,
    counts={"requests": 2, "label:好 \U0001f600": 2},
)


def test_a_tally_takes_the_place_of_the_one_with_its_id(database: Database) -> None:
    """Noted again it counts once, with what was said last; another id is another row, whatever else is the same."""
    log = SqlSignals(database)
    log.note([ONE]).result()
    more = replace(ONE, at=9, counts={"requests": 5})
    for _ in range(2):
        log.note([more, replace(ONE, id="wrk_2-1")]).result()
    assert list(log.between(0, 10 * SLOT)) == [more, replace(ONE, id="wrk_2-1")]


def test_nothing_to_note_is_no_error(database: Database) -> None:
    """A worker without traffic may note an empty list."""
    log = SqlSignals(database)
    log.note([]).result()
    assert list(log.between(0, 10 * SLOT)) == []


def test_slots_are_half_open_and_pages_lose_nothing(database: Database) -> None:
    """Slots at the start count and those at the end do not, in order, over more than a page of one slot."""
    log = SqlSignals(database)
    noted = [replace(ONE, id=f"w-{number:05}", start=(3 + number // 1100) * SLOT) for number in range(2300)]
    log.note(noted[::-1]).result()
    assert list(log.between(3 * SLOT, 6 * SLOT)) == noted
    assert list(log.between(4 * SLOT, 5 * SLOT)) == noted[1100:2200]
    assert list(log.between(0, 3 * SLOT)) == []


def test_old_tallies_are_forgotten(database: Database) -> None:
    """What begins before the time is gone, more than a page of it, and is counted; the rest stays."""
    log = SqlSignals(database)
    noted = [replace(ONE, id=f"w-{number:05}", start=number * SLOT) for number in range(1500)]
    log.note(noted).result()
    assert log.forget(1200 * SLOT) == 1200
    assert log.forget(1200 * SLOT) == 0
    assert list(log.between(0, 1500 * SLOT)) == noted[1200:]


def test_what_a_service_counts_arrives(database: Database) -> None:
    """Counted by two workers, written again and again and at their ends: the sums are what both saw."""
    log, seen = SqlSignals(database), 0
    for worker in range(2):
        counting = Counting(log, CollectorRegistry(), every=0.01)
        counting.start()
        for number in range(30):
            visit = Visit("id", f"e{number}", SILENT.start("request"), tenant="ten_a", model="m", status=200, texts=2)
            counting.request(visit, "/v1/classify", 0.002, live=True)
            seen += 2
            if number % 10 == worker:
                until(lambda seen=seen: texts(log) == seen)
        counting.stop()
    assert texts(log) == seen
    assert sum(one.counts.get("latency:4", 0) for one in log.between(0, 2**62)) == 60


def texts(log: SqlSignals) -> int:
    """How many texts were written."""
    return sum(one.counts.get("texts", 0) for one in log.between(0, 2**62))
