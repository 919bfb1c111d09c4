"""Whether the bill is exact: metered events with duplicates, reordering, skewed clocks and disconnects, under SIGKILL.

    python -m benchmarks.selling.billing [--quick]

A process with the ledger (``billing_process.py``) is fed events and killed at random moments; clients send again, or
give up, or send twice at once. What the process said to be durable is noted by the clients alone. At the end the
database is read by plain SQL and compared with their notes: every acknowledged event is charged exactly once and for
what it used, every other one at most once; no budget is passed; and the sums are those of an oracle that prices in
fractions. On SQLite the clock is set back or ahead by up to an hour at every start; on PostgreSQL two such processes
share the budgets. ``billing_http.py`` does the same through the whole service; its figures stand under ``http``.
"""

import contextlib
import json
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, arguments, note, program, tell
from benchmarks.selling.billing_plans import BUDGETS, TENANTS, bill

SEED = 20261122
WAYS = ("settle",) * 80 + ("stream",) * 10 + ("leave",) * 6 + ("none",) * 4
WINDOW = 512  # events under way
SHUFFLED = 64  # events that change places
TWICE, AGAIN, GIVEN_UP = 0.02, 0.03, 0.2  # sent twice at once; sent again once answered; left alone after a kill
SKEW = 3_600  # seconds
Quantities = Mapping[str, int]


@dataclass(slots=True)
class Known:
    """What the clients know of an event."""

    tenant: str
    way: str
    quantities: dict[str, int]
    sent: int = 0
    killed: int = 0  # kills that it was under way in
    settled: list[tuple[int, bool, dict[str, int]]] = field(default_factory=list)  # amount, repeated, quantities
    left: bool = False
    refused: str = ""


@dataclass(slots=True)
class Clients:
    """Everything sent and heard."""

    draw: random.Random
    known: dict[str, Known] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def make(self, number: int) -> str:
        """A new event."""
        event = f"evt_{number:07}"
        tenant = f"ten_{min(int(self.draw.expovariate(1 / 40)), TENANTS - 1):03}"  # few large ones, many small
        way = self.draw.choice(WAYS)
        quantities = {
            "requests": 1,
            "texts": self.draw.choice((1, 1, 2, 2, 8, 32)),
            "prompt_tokens": self.draw.randint(2, 900),
        }
        if way in {"stream", "leave"}:
            quantities["completion_tokens"] = self.draw.randint(2, 400)
        self.known[event] = Known(tenant, way, quantities)
        return event

    def line(self, event: str) -> str:
        """An event as it is sent once more."""
        known = self.known[event]
        known.sent += 1
        self.count += 1
        self.numbers[self.count] = event
        return json.dumps([self.count, known.tenant, event, known.way, known.quantities])

    def hear(self, line: str) -> None:
        """An answer."""
        number, status, amount, repeated, quantities = json.loads(line)
        known = self.known[self.numbers.pop(number)]
        if status == "settled":
            known.settled.append((amount, repeated, quantities))
        elif status == "left":
            known.left = True
        elif status.startswith("refused"):
            known.refused = status
        else:
            sys.exit(f"the ledger failed: {status}")


class Process:
    """One process with the ledger, its answers read by a thread."""

    def __init__(self, url: str, name: str, skew: int, clients: Clients) -> None:
        command = program("selling.billing_process", url, name, str(skew))
        self.clients = clients
        self.popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT
        )
        self.heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.waiting: set[int] = set()
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, event: str) -> None:
        """One event; its answer comes later."""
        line = self.clients.line(event)
        self.waiting.add(self.clients.count)
        with contextlib.suppress(BrokenPipeError):
            print(line, file=self.popen.stdin, flush=True)

    def listen(self, room: int) -> None:
        """Take answers until at most ``room`` events are under way, or the process has ended."""
        while len(self.waiting) > room:
            line = self.heard.get()
            if line is None:
                sys.exit(f"the process ended by itself: {self.popen.wait()}")
            self._take(line)

    def kill(self) -> list[str]:
        """SIGKILL; the events that were under way and got no answer."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()
        while (line := self.heard.get()) is not None:
            self._take(line)
        lost = [self.clients.numbers.pop(number) for number in sorted(self.waiting)]
        for event in lost:
            self.clients.known[event].killed += 1
        self._close()
        return lost

    def end(self) -> None:
        """Let it finish."""
        self.listen(0)
        self._close()
        if self.popen.wait():
            sys.exit("the process failed at its end")

    def _close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            if self.popen.stdin:
                self.popen.stdin.close()

    def _take(self, line: str) -> None:
        self.waiting.discard(json.loads(line)[0])
        self.clients.hear(line)

    def _read(self) -> None:
        for line in self.popen.stdout or ():
            if line.endswith("\n"):
                self.heard.put(line)
        if self.popen.stdout:
            self.popen.stdout.close()
        self.heard.put(None)


def feed(url: str, events: int, kills: int, processes: int) -> tuple[Clients, float]:
    """Send every event through the processes and kill them ``kills`` times; also the seconds it took."""
    draw = random.Random(SEED)
    clients = Clients(random.Random(SEED + 1))
    deadly = set(draw.sample(range(events // 50, events), kills))
    skew = (lambda: draw.randint(-SKEW, SKEW)) if processes == 1 else (lambda: 0)
    crew = [Process(url, f"load-{place}", skew(), clients) for place in range(processes)]
    start, answered = time.monotonic(), list[str]()
    for number, event in enumerate(shuffled((clients.make(number) for number in range(events)), draw)):
        at = draw.randrange(processes)
        crew[at].send(event)
        answered.append(event)
        if draw.random() < TWICE:
            draw.choice(crew).send(event)
        if draw.random() < AGAIN:
            draw.choice(crew).send(draw.choice(answered[-20_000:]))
        for process in crew:
            process.listen(WINDOW // processes)
        if number in deadly:
            lost = crew[at].kill()
            crew[at] = Process(url, f"load-{at}", skew(), clients)
            for again in lost:
                if draw.random() >= GIVEN_UP:
                    crew[at].send(again)
        if number and number % (events // 10) == 0:
            note(f"{number} events, {time.monotonic() - start:.0f} s")
    for process in crew:
        process.end()
    return clients, time.monotonic() - start


def shuffled(events: Iterator[str], draw: random.Random) -> Iterator[str]:
    """The events, each out of its place by about ``SHUFFLED``."""
    pool: list[str] = []
    for event in events:
        pool.append(event)
        if len(pool) == SHUFFLED:
            yield pool.pop(draw.randrange(SHUFFLED))
    draw.shuffle(pool)
    yield from pool


def compare(clients: Clients, rows: list[tuple[str, int, str, int, Quantities, int, str]]) -> dict[str, int]:
    """What differs between the clients' notes and the ledger's rows, by kind; all zero is exact."""
    wrong = Counter[str]()
    lines = defaultdict[str, list[tuple[int, Quantities, int]]](list)
    for tenant, _, event, turn, quantities, amount, _ in rows:
        if event not in clients.known or clients.known[event].tenant != tenant:
            wrong["unknown"] += 1
        lines[event].append((turn, quantities, amount))
    for event, known in clients.known.items():
        wrong.update(judge(known, lines.get(event, [])))
    return {**dict.fromkeys(("unknown", "lost", "twice", "other_amount", "other_quantities", "unearned"), 0), **wrong}


def judge(known: Known, lines: list[tuple[int, Quantities, int]]) -> Iterator[str]:
    """What is wrong with an event's lines."""
    if len(lines) > 1:
        yield "twice"
    if known.settled and not lines:
        yield "lost"
    if not lines:
        if known.way == "leave" and known.left and not known.refused:
            yield "lost"
        return
    _, quantities, amount = lines[0]
    if known.way == "none" or (known.refused and not known.settled and not known.killed and known.sent == 1):
        yield "unearned"
    if any(told != amount or dict(charged) != dict(quantities) for told, _, charged in known.settled):
        yield "other_amount"
    if dict(quantities) not in possible(known):
        yield "other_quantities"


def possible(known: Known) -> list[dict[str, int]]:
    """What an event may have been charged for: all of it, or what was recorded when it broke off."""
    parts = {unit: count if unit == "requests" else count // 2 for unit, count in known.quantities.items()}
    half = {unit: count for unit, count in parts.items() if count}
    if known.way == "leave":
        return [half]
    broken = known.way == "stream" and (known.killed > 0)
    return [known.quantities, *([half] if broken else [])]


def sums(
    rows: list[tuple[str, int, str, int, Quantities, int, str]], budgets: Mapping[str, int] = BUDGETS
) -> dict[str, int]:
    """How far the ledger's money is from the oracle's, and past the budgets; in micro-units."""
    used, charged = defaultdict[tuple[str, str], list[Quantities]](list), Counter[tuple[str, str]]()
    gaps = 0
    last = Counter[str]()
    for tenant, seq, _, _, quantities, amount, month in sorted(rows, key=lambda row: row[:2]):
        used[tenant, month].append(quantities)
        charged[tenant, month] += amount
        gaps += seq != last[tenant] + 1
        last[tenant] = seq
    error = sum(abs(bill(used[place]) - charged[place]) for place in used)
    over = sum(max(0, amount - budgets.get(tenant, amount)) for (tenant, _), amount in charged.items())
    spent = sum(1 for (tenant, _), amount in charged.items() if tenant in budgets and amount > 0.99 * budgets[tenant])
    return {"invoice_error": error, "overspend": over, "gaps": gaps, "budgets_used_up": spent}


def read_sqlite(file: Path) -> list[tuple[str, int, str, int, Quantities, int, str]]:
    """The ledger's rows by sqlite3 itself."""
    asked = "select tenant, seq, event, turn, quantities, amount, month from ledger_lines"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return [(*row[:4], json.loads(row[4]), *row[5:]) for row in connection.execute(asked)]


def read_postgres(url: str) -> list[tuple[str, int, str, int, Quantities, int, str]]:
    """The ledger's rows by psycopg itself."""
    import psycopg

    asked = "select tenant, seq, event, turn, quantities, amount, month from ledger_lines"
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        return [(*row[:4], json.loads(row[4]), *row[5:]) for row in connection.execute(asked).fetchall()]


def measure(url: str, rows: Any, events: int, kills: int, processes: int) -> dict[str, Any]:
    """One database through it all."""
    clients, seconds = feed(url, events, kills, processes)
    found = rows()
    wrong = compare(clients, found)
    money = sums(found)
    sent = sum(known.sent for known in clients.known.values())
    return {
        "events": events,
        "sent": sent,
        "kills": kills,
        "processes": processes,
        "charged": len(found),
        "acknowledged": sum(bool(known.settled) or known.left for known in clients.known.values()),
        "repeated": sum(repeated for known in clients.known.values() for _, repeated, _ in known.settled),
        "refused": sum(bool(known.refused) for known in clients.known.values()),
        "wrong": wrong,
        **money,
        "seconds": round(seconds, 1),
        "events_per_second": round(sent / seconds),
        "exact": not any((*wrong.values(), money["invoice_error"], money["overspend"], money["gaps"])),
    }


def over_http(*, quick: bool) -> dict[str, Any]:
    """What ``billing_http.py`` says."""
    command = program("selling.billing_http", *(["--quick"] if quick else []))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    told = json.loads(done.stdout.splitlines()[-1])
    return {name: told[name] for name in told.keys() - {"claim", "peer", "goal", "machine", "commit", "versions"}}


def main() -> None:
    """SQLite with all events, PostgreSQL with a tenth of them, and the whole service."""
    quick = arguments(__doc__).quick
    events, kills = (20_000, 5) if quick else (1_000_000, 100)
    sys.path.insert(0, str(ROOT / "tests"))
    from real_postgres import server

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        sqlite = measure(f"sqlite:///{file}", lambda: read_sqlite(file), events, kills, 1)
        size = round(sum(part.stat().st_size for part in file.parent.iterdir()) / 1e6, 1)
    note(json.dumps(sqlite))
    with server(durable=True) as running:
        url = running.database()
        postgres = measure(url, lambda: read_postgres(url), events // 10, max(5, kills // 10), 2)
    note(json.dumps(postgres))
    http = over_http(quick=quick)
    tell(
        "billing",
        {
            "sqlite": sqlite | {"megabytes": size},
            "postgresql": postgres,
            "http": http,
        },
        packages=("sqlalchemy", "psycopg"),
    )


if __name__ == "__main__":
    main()
