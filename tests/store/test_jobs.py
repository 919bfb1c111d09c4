"""Files and batches in both databases: who holds a batch, and what is stored of it."""

from dataclasses import replace

import pytest

from argosy.core.jobs import Batch, File, Problem, Progress
from argosy.store.database import Database
from argosy.store.jobs import BatchTable, FileTable

FILE = File(id="file-1", tenant="ten_a", purpose="batch", name="数据.jsonl", bytes=10, created=1, expires=100)
BATCH = Batch(
    id="batch_1",
    tenant="ten_a",
    key="key_1",
    endpoint="/v1/classify",
    input="file-1",
    output="file-2",
    errors="file-3",
    window="24h",
    expires=1000,
    language="zh",
    wishes={"column": "文本"},
    at={"validating": 5},
)


@pytest.fixture
def jobs(database: Database) -> BatchTable:
    """Batches, of which there is one."""
    table = BatchTable(database)
    table.add(BATCH).result()
    return table


def test_a_batch_is_held_by_one(jobs: BatchTable) -> None:
    """Nobody else gets it before the claim is over; then somebody does, and the first one's word counts no more."""
    first = jobs.claim(10, 20).result()
    assert first is not None
    assert replace(first, claim=None, claims=0) == BATCH
    assert jobs.claim(19, 30).result() is None
    second = jobs.claim(20, 40).result()
    assert second is not None
    assert (second.claim != first.claim, second.claims) == (True, 2)
    assert jobs.keep(replace(first, status="in_progress"), 50).result() is None
    assert jobs.finish(replace(first, status="completed"), [FILE]).result() is False
    kept = jobs.keep(replace(second, status="in_progress", progress=Progress(total=9, done=3)), 60).result()
    assert kept is not None
    assert (kept.claims, kept.progress.done) == (0, 3)
    assert jobs.get("ten_a", "batch_1") == kept


def test_a_claim_can_be_given_back(jobs: BatchTable) -> None:
    """Who stops in order leaves the batch to the next at once."""
    first = jobs.claim(10, 20).result()
    assert first is not None
    jobs.keep(first, 0).result()
    assert jobs.claim(11, 20).result() is not None


def test_the_end_and_the_files_come_together(jobs: BatchTable, database: Database) -> None:
    """The files of a batch are known once it has ended, and it is never claimed again."""
    held = jobs.claim(10, 20).result()
    assert held is not None
    problem = Problem(code="budget_spent", message="没有余额", line=3)
    done = replace(held, status="failed", problems=(problem,), report={"rows": 2})
    assert jobs.finish(done, [replace(FILE, id="file-2")]).result()
    assert jobs.get("ten_a", "batch_1") == replace(done, claim=None, files=frozenset({"file-2"}))
    assert FileTable(database).get("ten_a", "file-2") is not None
    assert jobs.claim(100, 200).result() is None


def test_who_holds_it_hears_that_it_should_stop(jobs: BatchTable) -> None:
    """A batch that is asked to stop says so with the next word of its holder, who cannot undo it."""
    held = jobs.claim(10, 20).result()
    assert held is not None
    asked = jobs.cancel("ten_a", "batch_1", 12).result()
    assert asked is not None
    assert (asked.status, asked.at["cancelling"]) == ("cancelling", 12)
    kept = jobs.keep(replace(held, status="in_progress", at={**held.at, "in_progress": 13}), 30).result()
    assert kept is not None
    assert kept.status == "cancelling"
    assert jobs.cancel("ten_b", "batch_1", 14).result() is None


def test_tenants_take_turns(jobs: BatchTable) -> None:
    """The tenant with the fewest batches in work comes first, whoever came first."""
    for number, tenant in enumerate(["ten_a", "ten_a", "ten_b"], start=2):
        jobs.add(replace(BATCH, id=f"batch_{number}", tenant=tenant, at={"validating": 5 + number})).result()
    claimed = [jobs.claim(100, 200).result() for _ in range(4)]
    assert [batch.id for batch in claimed if batch] == ["batch_1", "batch_4", "batch_2", "batch_3"]


def test_pages_of_one_tenant(database: Database) -> None:
    """Files are listed by time and id in either order, from any of them on, and nobody else's are among them."""
    files = FileTable(database)
    made = [replace(FILE, id=f"file-{n}", created=n // 2, bytes=n, expires=50 + n) for n in range(6)]
    for file in [*made, replace(FILE, id="file-x", tenant="ten_b", purpose="data")]:
        files.add(file).result()
    assert files.page("ten_a", limit=2) == [made[5], made[4]]
    assert files.page("ten_a", after="file-4", limit=9) == made[3::-1]
    assert files.page("ten_a", after="file-2", limit=2, newest=False) == made[3:5]
    assert files.page("ten_a", purpose="data", limit=9) == []
    assert files.stored("ten_a") == 6 * 16_384  # what each counts for at least
    assert files.expired(52, 9) == made[:3]
    assert (files.drop("ten_b", "file-0").result(), files.drop("ten_a", "file-0").result()) == (False, True)
    assert files.get("ten_a", "file-0") is None
