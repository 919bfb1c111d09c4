"""Sums of the ledger's lines by version, and experiments with what was said, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from books_of_tests import DAY, Clock, Tiers, ask, got

from argosy.core.errors import BusyError
from argosy.core.experiment import Design, Experiment
from argosy.core.feedback import Feedback
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.ledger import bookkeeping
from argosy.store.ledger.answered import Wanted, answered, closing_of, told_by
from argosy.store.ledger.sql import SqlLedger
from argosy.store.watching.experiments import SqlExperiments

DESIGN = Design(
    outcome="rating",
    by="request",
    share=0.5,
    alpha=0.05,
    power=0.8,
    effect=0.1,
    base=0.7,
    units=900,
    most=100,
    least=20,
    spread=0.05,
)
ONE = Experiment(id="exp_1", model="m", rollout="rol_1", first=1, second=2, design=DESIGN, by="cli:0", begun=0)


@pytest.fixture
def clock() -> Clock:
    """A clock in November 2026."""
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Iterator[SqlLedger]:
    """A ledger that gives texts away and sells more."""
    opened = SqlLedger(database, Tiers(), time_zone="UTC", clock=clock)
    yield opened
    opened.close()


def _charge(ledger: SqlLedger, event: str, version: str, texts: int, *, back: bool = False) -> None:
    held = got(ledger.reserve(replace(ask(event, texts=texts), version=version)))
    got(ledger.settle(held, {"texts": texts}))
    if back:
        ledger.abandon(held)


def test_versions_are_summed_by_what_closed_their_months(database: Database, clock: Clock, ledger: SqlLedger) -> None:
    """Charges that were taken back are taken off; open months have no closing; an event is found by its id."""
    _charge(ledger, "e1", "1", 8)
    _charge(ledger, "e2", "2", 6)
    _charge(ledger, "e3", "2", 5, back=True)
    _charge(ledger, "e4", "1", 3)
    clock.now += 40 * DAY
    bookkeeping.close_month(database, "ten_a", "2026-11", time_zone="UTC", clock=clock)
    _charge(ledger, "e5", "2", 7)
    found = answered(database, Wanted(tenant="ten_a"))
    told = [(one.version, one.closed, one.events, dict(one.quantities), one.amount) for one in found]
    assert told == [
        ("1", "2026-11", 2, {"texts": 11}, 3_000),
        ("2", "2026-11", 1, {"texts": 6}, 4_000),
        ("2", "", 1, {"texts": 7}, 0),
    ]
    assert answered(database, Wanted(model="m", version="1")) == found[:1]
    assert sum(one.events for one in answered(database, Wanted(tenant="ten_a", after=1, through=5))) == 2
    (line,) = told_by(database, "e3")
    assert (line.kind, line.version) == ("void", "2")
    assert [closing_of(database, "ten_a", seq) for seq in (line.seq, line.seq + 2)] == ["2026-11", ""]


def test_a_model_has_one_experiment_at_a_time(database: Database) -> None:
    """A second is refused until the first is over; what was planned and what came out stand."""
    kept = SqlExperiments(database)
    kept.begin(ONE).result()
    kept.begin(replace(ONE, id="exp_2", model="other")).result()
    with pytest.raises(BusyError, match="runs already"):
        kept.begin(replace(ONE, id="exp_3")).result()
    assert kept.all("m") == [ONE]
    assert kept.end("exp_1", {"winner": 2}, 5).result()
    assert not kept.end("exp_1", {"winner": 1}, 6).result()
    kept.begin(replace(ONE, id="exp_3", begun=9)).result()
    assert [(one.id, one.ended, one.result) for one in kept.all("m")] == [
        ("exp_3", None, None),
        ("exp_1", 5, {"winner": 2}),
    ]


def test_words_stand_with_the_version_that_answered(database: Database, clock: Clock, ledger: SqlLedger) -> None:
    """In the order in which they came, of answers sold since then; what was taken back is left out."""
    _charge(ledger, "old", "1", 1)
    since = clock()
    for event, version in (("e1", "1"), ("e2", "2")):
        _charge(ledger, event, version, 1)
    _charge(ledger, "back", "2", 1, back=True)
    _charge(ledger, "last", "2", 1)  # the writer takes back what waits with it
    log = FeedbackTable(database)
    for place, event in enumerate(("e2", "old", "e1", "back", "e2", "nobody")):
        said = Feedback(
            id=f"fb_{place}",
            tenant="ten_a",
            event=event,
            model="m",
            index=0,
            rating=1 - 2 * (place % 2),
            at=since + place,
        )
        got(log.add(said))
    words = list(SqlExperiments(database).words("m", since, since + 100))
    assert [(word.event, word.version, word.rating) for word in words] == [("e2", "2", 1), ("e1", "1", 1)]
    assert next(SqlExperiments(database).words("m", since, since + 1)).at == since
    assert list(SqlExperiments(database).words("other", since, since + 100)) == []
