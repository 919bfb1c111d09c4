"""Data services: rows in, rows out, with reasons for those that went, in a process of their own, charged by the row."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import openai
import polars as pl
import psutil
import pytest
import sqlalchemy as sa
from deadlines import until
from openai.types import Batch
from shops import Stand, stand_in
from starlette.testclient import TestClient

from argosy.core.account import Limits
from argosy.core.jobs import Progress
from argosy.store.jobs import batches

SECRET_PHONE, SECRET_MAIL = "13800138000", "li.lei@example.com"
ROWS = [
    ("1", "It broke after a day &amp; nobody answered my mails about it", "bad"),
    ("2", "", "bad"),
    ("3", f"Call me: {SECRET_PHONE} or {SECRET_MAIL}", "good"),
    ("4", "IT BROKE after a day &amp; nobody answered my mails about it", "bad"),
    ("5", "It broke after a day &amp; nobody answered my mail about it", "bad"),
    ("6", "物流很快，包装也很好，下次还会再来买的", "good"),
    ("7", "12345 !!!", "good"),
]
"""Row 2 is empty, row 4 the twin of row 1 but for its case, row 5 a near-twin, row 7 has no letter."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells rows."""
    with stand_in(tmp_path_factory.mktemp("shop")) as stand:
        yield stand


@pytest.fixture(scope="module")
def client(stand: Stand) -> Iterator[TestClient]:
    """A client of the running service."""
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        yield client


def buyer(client: TestClient, stand: Stand, limits: Limits | None = None) -> tuple[str, openai.OpenAI]:
    """A new tenant, and OpenAI's client with its key."""
    tenant = stand.tenant(limits, "rows")
    secret = stand.key(tenant).secret
    return tenant, openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)


def table(rows: list[tuple[str, str, str]]) -> bytes:
    """A CSV file as Excel writes it."""
    out = io.StringIO()
    csv.writer(out).writerows([("id", "text", "label"), *rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def run(ai: openai.OpenAI, service: str, file: bytes, wishes: dict[str, str], name: str = "rows.csv") -> Batch:
    """The batch over a file, once it has ended."""
    sent = ai.files.create(file=(name, file), purpose="data")  # type: ignore[arg-type]
    batch = ai.batches.create(
        input_file_id=sent.id,
        endpoint=f"/v1/data/{service}",  # type: ignore[arg-type]
        completion_window="24h",
        metadata=wishes,
    )
    return until(lambda: ended(ai, batch.id))


def ended(ai: openai.OpenAI, batch: str) -> Batch | None:
    """The batch if it has ended."""
    found = ai.batches.retrieve(batch)
    return found if found.status in {"completed", "failed", "expired", "cancelled"} else None


def read(ai: openai.OpenAI, done: Batch) -> tuple[list[dict[str, str]], list[tuple[int, str]]]:
    """The rows that stayed, and the numbers and reasons of those that went."""
    assert done.output_file_id
    kept = list(csv.DictReader(io.StringIO(ai.files.content(done.output_file_id).content.decode("utf-8-sig"))))
    lost = ai.files.content(done.error_file_id).text.splitlines() if done.error_file_id else []
    return kept, [(told["row"], told["reason"]) for told in map(json.loads, lost)]


def report(done: Batch) -> dict[str, Any]:
    """What the service says it found."""
    found: dict[str, Any] = done.to_dict()["report"]  # type: ignore[assignment]
    return found


def test_cleaning_says_what_it_dropped(client: TestClient, stand: Stand) -> None:
    """Texts are cleaned, empty ones and those without a letter go; every row that was read is charged."""
    tenant, ai = buyer(client, stand)
    done = run(ai, "clean", table(ROWS), {"column": "text"})
    kept, lost = read(ai, done)
    assert done.status == "completed"
    assert [row["id"] for row in kept] == ["1", "3", "4", "5", "6"]
    assert "day & nobody" in kept[0]["text"]
    assert lost == [(3, "empty"), (8, "no_language")]
    assert report(done) == {
        "rows": 7,
        "kept": 5,
        "dropped": {"empty": 1, "no_language": 1},
        "format": ".csv",
    }
    (line,) = stand.lines(tenant)
    assert (line.model, line.quantities, line.amount) == ("clean", {"requests": 1, "rows": 7}, 7_000)


def test_redaction_counts_what_it_found(client: TestClient, stand: Stand) -> None:
    """Phone numbers and addresses are masked; only some kinds where only these are asked for."""
    _, ai = buyer(client, stand)
    done = run(ai, "redact", table(ROWS), {"column": "text"})
    text = read(ai, done)[0][2]["text"]
    assert text == "Call me: [PHONE] or [EMAIL]"
    assert report(done)["redacted"] == {"phone": 1, "email": 1}
    some = run(ai, "redact", table(ROWS), {"column": "text", "kinds": "email", "mode": "pseudonym"})
    assert SECRET_PHONE in (told := read(ai, some)[0][2]["text"])
    assert "[EMAIL:" in told


def test_twins_and_near_twins_go(client: TestClient, stand: Stand) -> None:
    """The first of each stays; at 0 near-twins stay; twins that disagree on the label go together."""
    _, ai = buyer(client, stand)
    kept, lost = read(ai, run(ai, "dedupe", table(ROWS), {"column": "text", "label": "label"}))
    assert [row["id"] for row in kept] == ["1", "2", "3", "6", "7"]
    assert lost == [(5, "exact_twin"), (6, "near_twin")]
    kept, lost = read(ai, run(ai, "dedupe", table(ROWS), {"column": "text", "near": "0"}))
    assert lost == [(5, "exact_twin")]
    clash = [("1", "same", "a"), ("2", "Same", "b"), ("3", "other", "a")]
    _, lost = read(ai, run(ai, "dedupe", table(clash), {"column": "text", "label": "label"}))
    assert lost == [(2, "conflicting_label"), (3, "conflicting_label")]


def test_copies_name_their_parents(client: TestClient, stand: Stand) -> None:
    """Altered copies stand behind the rows they are made from, with the same label; what is made is charged too."""
    tenant, ai = buyer(client, stand)
    kept, _ = read(ai, run(ai, "augment", table(ROWS), {"column": "text", "methods": "noise,typo", "copies": "2"}))
    made = [row for row in kept if row["augmented"]]
    assert [row["id"] for row in kept[:7]] == [row[0] for row in ROWS]
    assert {row["augmented"] for row in made} == {"noise", "typo"}
    labels = {place: label for place, (_, _, label) in enumerate(ROWS, start=2)}
    assert all(labels[int(row["parent"])] == row["label"] for row in made)
    assert len({row["text"].casefold() for row in made} | {row[1].casefold() for row in ROWS}) == len(made) + 6
    assert stand.lines(tenant)[0].quantities["rows"] == len(kept)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".xlsx"])
def test_every_format_is_read(client: TestClient, stand: Stand, suffix: str) -> None:
    """Workbooks come back as workbooks, other files that are no CSV as JSON Lines, with the same rows."""
    _, ai = buyer(client, stand)
    frame = pl.DataFrame(ROWS, schema=["id", "text", "label"], orient="row")
    out = io.BytesIO()
    {".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet, ".xlsx": frame.write_excel}[suffix](out)
    done = run(ai, "clean", out.getvalue(), {"column": "text"}, name=f"行{suffix}")
    assert done.output_file_id
    raw = ai.files.content(done.output_file_id).content
    kept = pl.read_excel(raw) if suffix == ".xlsx" else pl.read_ndjson(raw)
    assert [str(value) for value in kept["id"]] == ["1", "3", "4", "5", "6"]


def test_a_file_that_cannot_be_read_costs_nothing(client: TestClient, stand: Stand) -> None:
    """What is wrong with it is told in the language asked for; so is a column that is not there."""
    tenant, ai = buyer(client, stand)
    for file, wishes in (
        (table(ROWS), {"column": "texts"}),
        (table(ROWS), {"column": "text", "label": "labels"}),
        (b"text\n\x00\x01", {"column": "text"}),
    ):
        done = run(ai, "dedupe", file, wishes)
        assert done.errors is not None
        assert (done.status, {error.code for error in done.errors.data or []}) == ("failed", {"invalid_file"})
    assert stand.lines(tenant) == []


def test_wishes_are_checked_before_anything_is_begun(client: TestClient, stand: Stand) -> None:
    """A column that is not named, and values out of range, are refused by name."""
    _, ai = buyer(client, stand)
    for service, wishes, param in (
        ("clean", {}, "metadata.column"),
        ("redact", {"column": "a", "kinds": "phone,other"}, "metadata.kinds"),
        ("dedupe", {"column": "a", "near": "nan"}, "metadata.near"),
        ("augment", {"column": "a", "methods": "mask"}, "metadata.methods"),
        ("augment", {"column": "a", "copies": "99"}, "metadata.copies"),
    ):
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            run(ai, service, table(ROWS), wishes)
        assert caught.value.param == param


def test_a_spent_budget_is_told(client: TestClient, stand: Stand) -> None:
    """Rows that the budget does not reach for are not worked."""
    tenant, ai = buyer(client, stand, Limits(budget=6_999))
    done = run(ai, "clean", table(ROWS), {"column": "text"})
    assert done.errors is not None
    assert [error.code for error in done.errors.data or []] == ["budget_spent"]
    assert (done.output_file_id, stand.lines(tenant)) == (None, [])


def test_a_process_that_dies_fails_its_batch_alone(client: TestClient, stand: Stand) -> None:
    """The server goes on, the batch says that its process ended, and nothing is charged."""
    tenant, ai = buyer(client, stand)
    rows = [(str(number), f"text number {number} " * 40, "a") for number in range(20_000)]
    sent = ai.files.create(file=("rows.csv", table(rows)), purpose="data")  # type: ignore[arg-type]
    batch = ai.batches.create(
        input_file_id=sent.id,
        endpoint="/v1/data/dedupe",  # type: ignore[arg-type]
        completion_window="24h",
        metadata={"column": "text"},
    )
    until(worker).kill()
    done = until(lambda: ended(ai, batch.id))
    assert done.errors is not None
    assert [error.code for error in done.errors.data or []] == ["internal_error"]
    assert stand.lines(tenant) == []
    assert run(ai, "clean", table(ROWS), {"column": "text"}).status == "completed"


def test_rows_that_are_worked_again_are_paid_once(client: TestClient, stand: Stand) -> None:
    """A server that died behind the charge and before the end leaves a batch that is worked again, for no more."""
    tenant, ai = buyer(client, stand)
    done = run(ai, "clean", table(ROWS), {"column": "text"})
    before = read(ai, done)
    set_back(ai, stand, done, written=False)
    assert read(ai, until(lambda: ended(ai, done.id))) == before
    assert len(stand.lines(tenant)) == 1


def test_a_batch_whose_files_are_lost_says_so(client: TestClient, stand: Stand) -> None:
    """It ends, and is not tried for ever."""
    _, ai = buyer(client, stand)
    done = run(ai, "clean", table(ROWS), {"column": "text"})
    set_back(ai, stand, done, written=True)
    lost = until(lambda: ended(ai, done.id))
    assert lost.errors is not None
    assert [error.code for error in lost.errors.data or []] == ["internal_error"]


def set_back(ai: openai.OpenAI, stand: Stand, done: Batch, *, written: bool) -> None:
    """Leave a batch as a server leaves it that dies at work; ``written``: it had stored how far it was."""
    for file in (done.output_file_id, done.error_file_id):
        ai.files.delete(str(file))
    this = batches.c.id == done.id

    def work(connection: sa.Connection) -> None:
        told = json.loads(connection.execute(sa.select(batches.c.told).where(this)).scalar_one())
        if not written:
            told["progress"] = asdict(Progress(total=len(ROWS)))
        connection.execute(sa.update(batches).where(this).values(status="in_progress", told=json.dumps(told)))

    stand.selling.database.write(work).result()


def worker() -> psutil.Process | None:
    """The process that works on rows."""
    for child in psutil.Process().children():
        if "argosy.serve.jobs.rows" in child.cmdline():
            return child
    return None
