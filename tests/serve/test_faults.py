"""A service whose disk, database or clock fails, or which is stopped: what is acknowledged is charged, and no more."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import real_postgres
from shops import TEXT, Stand, shop_in

from argosy.core.ledger import Usage
from argosy.project.selling.offers import price_book
from argosy.project.selling.parts import open_selling
from argosy.store.ledger.verify import verify

resource = pytest.importorskip("resource", reason="the system knows no limits of processes")

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parents[1] / "faulty_shop.py"
CLIENTS = 4
ENOUGH = 20  # answers of a kind, before the fault goes on to its next part
SETTLE = 1.0  # s
PATIENCE = 60.0  # s that anything may take


@dataclass(slots=True)
class Shop:
    """The service, its tenant, and what its clients were told."""

    folder: Path
    store: str | None
    head: dict[str, str]
    tenant: str
    process: subprocess.Popen[str] | None = None
    port: int = 0
    told: Counter[tuple[int, str]] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Start the service; again at the same port."""
        told = {"folder": str(self.folder), "store": self.store, "settle_seconds": SETTLE, "port": self.port}
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), json.dumps(told)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, and say how it ended."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(how)
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return self.process.returncode

    def ask(self, client: httpx2.Client, key: str | None = None) -> int:
        """One request; 0 where the connection broke."""
        head = self.head | ({"idempotency-key": key} if key else {})
        try:
            answer = client.post(
                f"http://127.0.0.1:{self.port}/v1/classify", headers=head, json={"input": "a", "model": "mood"}
            )
        except httpx2.TransportError:
            return 0
        code = answer.json()["error"]["code"] if answer.status_code >= 400 else ""
        self.told[answer.status_code, code] += 1
        if answer.status_code == 200:
            self.acknowledged.add(answer.headers["x-argosy-event"])
        return answer.status_code

    def wait(self, code: str) -> None:
        """Until clients were told this often enough, from now on."""
        status = 200 if not code else 503
        enough, end = self.told[status, code] + ENOUGH, time.monotonic() + PATIENCE
        while self.told[status, code] < enough:
            assert time.monotonic() < end, self.told
            threading.Event().wait(0.01)  # between two looks

    @contextmanager
    def loaded(self) -> Iterator[None]:
        """Clients who ask all the time."""
        over = threading.Event()

        def work() -> None:
            with httpx2.Client(timeout=PATIENCE) as client:
                while not over.is_set():
                    if not self.ask(client):
                        over.wait(0.05)

        with ThreadPoolExecutor(CLIENTS) as pool:
            try:
                for _ in range(CLIENTS):
                    pool.submit(work)
                yield
            finally:
                over.set()

    def lines(self) -> list[Usage]:
        """The lines, from books that reckon up; the service is over."""
        shop = shop_in(self.folder, store=self.store)
        selling = open_selling(shop)
        with closing(selling):
            verdict = verify(selling.database, price_book(shop.project))
            assert not verdict.differences
            return Stand(selling=selling, engines={}).lines(self.tenant)

    def exact(self) -> list[Usage]:
        """What every fault leaves: each acknowledged event charged once, and nothing else for good."""
        lines = self.lines()
        net: Counter[str] = Counter()
        for line in lines:
            net[line.event] += line.amount
        assert {event for event, amount in net.items() if amount} == self.acknowledged
        assert set(net.values()) <= {0, TEXT}
        assert set(self.told) <= {(200, ""), (503, "ledger_slow"), (503, "ledger_unavailable"), (503, "overloaded")}
        return lines


@contextmanager
def shop_at(folder: Path, store: str | None = None, plan: str = "standard") -> Iterator[Shop]:
    """The service, started, in a folder."""
    selling = open_selling(shop_in(folder, store=store))
    with closing(selling):
        tenant, head = Stand(selling=selling, engines={}).buyer(plan=plan)
    shop = Shop(folder, store, head, tenant)
    shop.start()
    try:
        yield shop
    finally:
        shop.stop(signal.SIGKILL)


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A disk of its own at the folder, to be filled for a block."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this system lets nobody mount a small disk")

    @contextmanager
    def full() -> Iterator[None]:
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"a" * 4096):
                pass
        yield
        filler.unlink()

    try:
        yield full
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def small_files(shop: Shop) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A limit for the size of the server's files for a block, so that none of them grows."""
    assert shop.process is not None
    if not hasattr(resource, "prlimit"):
        pytest.skip("this system sets no limits to other processes")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    process = shop.process.pid

    @contextmanager
    def full() -> Iterator[None]:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, hard))
        yield
        resource.prlimit(process, resource.RLIMIT_FSIZE, (hard, hard))

    yield full


@pytest.mark.parametrize("disk", ["full", "files that may not grow"])
def test_a_full_disk_answers_503_and_recovers(tmp_path: Path, disk: str) -> None:
    """While nothing can be written, nobody is answered or charged; with room again all goes on by itself, exactly."""
    with ExitStack() as stack:
        full = stack.enter_context(small_disk(tmp_path)) if disk == "full" else None
        shop = stack.enter_context(shop_at(tmp_path))
        full = full or stack.enter_context(small_files(shop))
        with shop.loaded():
            shop.wait("")
            for _ in range(2):
                with full():
                    shop.wait("ledger_unavailable")
                shop.wait("")
        assert shop.stop() == 0
        shop.exact()


def test_a_stalled_disk_answers_503_and_takes_back_what_lands_late(tmp_path: Path) -> None:
    """Another process keeps the store from writing: 503 in time; what is written later is taken back by a line."""
    with shop_at(tmp_path) as shop, httpx2.Client(timeout=PATIENCE) as client:
        assert shop.ask(client) == 200  # from now on there is room in memory
        (file,) = (path for path in tmp_path.rglob("*") if path.is_file() and is_sqlite(path))
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            assert shop.ask(client) == 503
            assert time.monotonic() - began < 5  # SETTLE is the least; the store itself waits for others longer
            other.execute("ROLLBACK")
        while shop.ask(client) != 200:
            pass
        assert shop.stop() == 0
        shop.exact()
        assert shop.told[503, "ledger_slow"] >= 1


def is_sqlite(path: Path) -> bool:
    """Whether it is a database."""
    with path.open("rb") as file:
        return file.read(15) == b"SQLite format 3"


def test_postgresql_may_stop_under_load(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """While the database is gone, by order or by a crash, answers are 503 and unbilled; then the service goes on."""
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    if real_postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed (initdb and pg_ctl)")
    with real_postgres.server() as server, shop_at(tmp_path, server.database()) as shop:
        with shop.loaded():
            for how in ("fast", "immediate"):
                shop.wait("")
                server.stop(how)
                gone = time.monotonic()
                while time.monotonic() - gone < pytestconfig.getoption("--outage"):
                    shop.wait("ledger_unavailable")
                server.start()
                shop.wait("")
        assert shop.stop() == 0
        shop.exact()


def test_a_clock_that_jumps_moves_no_bill(tmp_path: Path) -> None:
    """Three days back, two months ahead, and right again: all is answered, and no tenant's time goes back."""
    with shop_at(tmp_path) as shop, httpx2.Client(timeout=PATIENCE) as client:
        for skew in (0, -3 * 86_400, 60 * 86_400, 0, -3600):
            (tmp_path / "skew").write_text(str(skew))
            assert [shop.ask(client) for _ in range(3)] == [200] * 3
        assert shop.stop() == 0
        lines = shop.exact()
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [line.month for line in lines] == sorted(line.month for line in lines)
    assert len({line.month for line in lines}) == 2


def test_a_restart_under_load_charges_each_event_once(tmp_path: Path) -> None:
    """Stopped and killed while clients retry under idempotency keys: in the end each is answered and charged once."""
    with shop_at(tmp_path) as shop:
        over = threading.Event()

        def work(number: int) -> int:
            done = 0
            with httpx2.Client(timeout=PATIENCE) as client:
                while not over.is_set():
                    while shop.ask(client, f"{number}-{done}") != 200:
                        threading.Event().wait(0.05)  # a client's patience
                    done += 1
            return done

        with ThreadPoolExecutor(CLIENTS) as pool:
            working = [pool.submit(work, number) for number in range(CLIENTS)]
            shop.wait("")
            assert shop.stop() == 0
            shop.start()
            shop.wait("")
            shop.stop(signal.SIGKILL)
            shop.start()
            shop.wait("")
            over.set()
            asked = sum(done.result(timeout=PATIENCE) for done in working)
        assert shop.stop() == 0
        lines = shop.lines()
    assert len(lines) == asked == len({line.event for line in lines})
    assert {line.amount for line in lines} == {TEXT}


def test_a_stop_during_streams_charges_what_was_sent(tmp_path: Path) -> None:
    """A stream that does not end is cut when the time to stop is over, and charged for no more than came."""
    with shop_at(tmp_path, plan="tokens") as shop, httpx2.Client(timeout=PATIENCE) as client:
        body = {"model": "slow", "prompt": "go", "stream": True, "max_tokens": 900_000}
        received = 0
        asking = client.stream("POST", f"http://127.0.0.1:{shop.port}/v1/completions", headers=shop.head, json=body)
        with suppress(httpx2.TransportError), asking as answer:
            assert answer.status_code == 200
            for told in answer.iter_lines():
                received += '"text": "on "' in told or '"text":"on "' in told
                if received == 100 and shop.process:
                    shop.process.send_signal(signal.SIGTERM)
        assert shop.stop() == 0
        (line,) = shop.lines()
    assert received >= 100
    assert 64 <= line.quantities["completion_tokens"] <= received
