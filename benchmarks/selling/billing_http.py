"""Whether the bill is exact over HTTP: ``billing.py`` again, through the whole service, its workers and its desk.

    python -m benchmarks.selling.billing_http [--quick]

Two workers and their desk (``billing_http_server.py``) are killed at random moments, a worker and the desk in turn,
while clients (``billing_http_clients.py``) ask for labels, vectors and texts, streamed and not. Some retry with an
idempotency key until they are answered, some send a key twice at once or once more, some hang up in the middle of an
answer or of a stream, some give up. From what they saw alone, and the ledger's file read by sqlite3: what came whole
is charged once, for what the answer said that it used; a stream that broke off at most for the pieces that came;
everything else at most once; what was refused, not at all. Answers to one key are the same to the byte.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import arguments, note, tell
from benchmarks.selling.billing import read_sqlite, sums
from benchmarks.selling.billing_http_clients import ROUTES, Crowd, Wish, wishes
from benchmarks.selling.billing_plans import CURRENCY, table

from argosy.config.schema import Project
from argosy.core.account import SCOPES, Limits
from argosy.core.tenant import Tenant, Terms
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop

HERE = Path(__file__).parent
SEED = 20261122
TENANTS, BUDGETED = 24, 8
CLIENTS = 48
SETTLE_SECONDS = 20.0  # a desk that was killed is back by then
KINDS = ("unknown", "lost", "twice", "other_quantities", "over_seen", "unearned", "other_bytes", "forgotten")
Row = tuple[str, int, str, int, Mapping[str, int], int, str]
Lines = list[tuple[int, Mapping[str, int]]]


def shop_in(folder: Path) -> Shop:
    """A project that sells by the plan of ``billing_plans.py``."""
    told = {
        "name": "load",
        "languages": ["en"],
        "data": {"path": "rows.csv"},
        "base": {"model": "package:none"},
        "plans": {"load": table()},
        "sell": {"plan": "load", "settle_seconds": SETTLE_SECONDS},
    }
    return Shop(project=Project.model_validate(told), folder=folder)


def people(shop: Shop, requests: int) -> tuple[dict[str, str], dict[str, int]]:
    """The tenants with a secret of each, and the hard budgets that the first of them have; spent before the end."""
    secrets, budgets = dict[str, str](), dict[str, int]()
    with closing(open_selling(shop)) as selling:
        for number in range(TENANTS):
            budget = max(1_000, requests // 8) * (1 + number) if number < BUDGETED else None
            wish = Tenant(id="", name=f"{number}", plan="load", currency=CURRENCY, limits=Limits(budget=budget))
            tenant = selling.books.accounts.create_tenant(wish, "load").result().id
            terms = Terms(scopes=frozenset(SCOPES))
            secrets[tenant] = selling.books.accounts.create_key(tenant, terms, "load").result().secret
            if budget:
                budgets[tenant] = budget
    return secrets, budgets


@contextmanager
def serving(shop: Shop) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The service and its port, once everybody answers."""
    kept = shop.folder / "shop.json"
    shop.keep(kept)
    command = [sys.executable, str(HERE / "billing_http_server.py"), str(kept)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            told = process.stdout.readline() if process.stdout else ""
            yield process, int(told.rpartition(":")[2])
            process.terminate()
            if process.wait(timeout=60):
                sys.exit("the service failed at its end")
        finally:
            process.kill()


def children(parent: int, *, desk: bool) -> list[int]:
    """The desk, or the workers, of a service."""
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in told}
    return [pid for pid, command in commands.items() if (b"argosy.project.selling.desk" in command) == desk]


async def victim(parent: int, draw: random.Random, *, desk: bool) -> int:
    """The desk, or one of the workers, once there is one."""
    while True:
        if found := children(parent, desk=desk):
            return draw.choice(found)
        await asyncio.sleep(0.01)


async def feed(parent: int, crowd: Crowd, wanted: list[Wish], kills: int, draw: random.Random) -> None:
    """Let ``CLIENTS`` at a time have what they want, and kill ``kills`` times meanwhile."""
    waiting = iter(wanted)

    async def client() -> None:
        for wish in waiting:
            await crowd.serve(wish)

    async def killer() -> None:
        for number, at in enumerate(sorted(draw.sample(range(len(wanted) // 50, len(wanted) * 19 // 20), kills))):
            while crowd.done < at:
                await crowd.progress.acquire()
            os.kill(await victim(parent, draw, desk=number % 2 == 1), signal.SIGKILL)
            note(f"{crowd.done} wishes, {number + 1} kills")

    await asyncio.gather(killer(), *(client() for _ in range(CLIENTS)))
    crowd.close()


def compare(wanted: list[Wish], rows: list[Row], routes: Mapping[str, str]) -> dict[str, int]:
    """What differs between the clients' notes and the ledger, by kind; all zero is exact."""
    wrong = Counter[str](dict.fromkeys(KINDS, 0))
    lines = defaultdict[tuple[str, str], Lines](list)
    for tenant, _, event, turn, quantities, _, _ in rows:
        lines[tenant, event].append((turn, quantities))
    blind = Counter[tuple[str, str, str]]()
    for wish in wanted:
        if wish.event is None and not wish.events and wish.blind and not wish.stream:
            blind[wish.tenant, ROUTES[wish.model], _told(wish.full)] += 1
            continue
        known = {wish.event} if wish.event else wish.events
        if wish.events - known:
            wrong["unknown"] += 1
        wrong.update(judge(wish, [line for event in known for line in lines.pop((wish.tenant, event), [])]))
    for (tenant, event), left in lines.items():
        place = tenant, routes[event], _told(left[0][1])
        blind[place] -= sum(1 if turn % 2 == 0 else -1 for turn, _ in left)
        wrong["unknown"] += blind[place] < 0
    return dict(wrong)


def judge(wish: Wish, lines: Lines) -> Iterator[str]:
    """What is wrong with the lines of a wish."""
    net = sum(1 if turn % 2 == 0 else -1 for turn, _ in lines)
    if not 0 <= net <= 1:
        yield "twice"
    if len(set(wish.answers)) > 1:
        yield "other_bytes"
    if wish.forgotten and not wish.stream:
        yield "forgotten"
    if wish.answers and not net:
        yield "lost"
    if net == 1:
        yield from judge_charge(wish, max(lines, key=lambda line: line[0])[1])


def judge_charge(wish: Wish, quantities: Mapping[str, int]) -> Iterator[str]:
    """What is wrong with the one charge of a wish."""
    if wish.answers:
        if any(_told(told) != _told(quantities) for told in [*wish.told, wish.full]):
            yield "other_quantities"
    elif not wish.broken:
        yield "unearned"
    elif wish.stream:
        most = {**wish.full, "completion_tokens": wish.seen}
        if any(count > most.get(unit, 0) for unit, count in quantities.items()):
            yield "over_seen"
    elif _told(quantities) != _told(wish.full):
        yield "other_quantities"


def _told(quantities: Mapping[str, int]) -> str:
    return json.dumps({unit: count for unit, count in sorted(quantities.items()) if count})


def read_routes(file: Path) -> dict[str, str]:
    """The route of each event."""
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("select event, route from ledger_lines"))


def measure(folder: Path, requests: int, kills: int) -> dict[str, Any]:
    """The service through it all."""
    shop, draw = shop_in(folder), random.Random(SEED)
    secrets, budgets = people(shop, requests)
    wanted = list(wishes(draw, requests, secrets))
    with serving(shop) as (process, port):
        crowd, start = Crowd(port, draw), time.monotonic()
        asyncio.run(feed(process.pid, crowd, wanted, kills, draw))
        seconds = time.monotonic() - start
    file = folder / ".argosy" / "store.db"
    rows = read_sqlite(file)
    wrong, money = compare(wanted, rows, read_routes(file)), sums(rows, budgets)
    return {
        "requests": requests,
        "sent": crowd.asked,
        "kills": kills,
        "charged": sum(1 if row[3] % 2 == 0 else -1 for row in rows),
        "taken_back": sum(row[3] % 2 for row in rows),
        "acknowledged": sum(bool(wish.answers) for wish in wanted),
        "replayed": sum(wish.replayed for wish in wanted),
        "refused": sum(wish.refused for wish in wanted),
        "broken": sum(bool(wish.broken) for wish in wanted),
        "broken_streams": sum(wish.stream and bool(wish.seen) and not wish.answers for wish in wanted),
        "wrong": wrong,
        **money,
        "seconds": round(seconds, 1),
        "exact": not any((*wrong.values(), money["invoice_error"], money["overspend"], money["gaps"])),
    }


def main() -> None:
    """One SQLite file."""
    requests, kills = (1_000, 3) if arguments(__doc__).quick else (20_000, 30)
    with tempfile.TemporaryDirectory() as folder:
        tell("billing", measure(Path(folder), requests, kills))


if __name__ == "__main__":
    main()
