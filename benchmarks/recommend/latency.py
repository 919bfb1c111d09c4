"""What a list of ten costs at 100,000 items: in the process, and over HTTP with two workers, keys and limits.

    python -m benchmarks.recommend.latency [--quick]

A shop is drawn by a seed: 100,000 items, a million events of 20,000 users; ItemKNN, co-visits, iALS (64 factors) and a
text model (vectors of 128 numbers, by the graph) propose, and a blend orders 300 candidates. The events of the users
who are asked for are in the log. ``argosy serve`` has two workers and keeps every list durably before it is answered;
once anybody may ask (``open``), once with a key, limits and charges (``sold``). The peer is FastAPI in one process
around iALS's products in numpy, which knows neither text nor events nor keys, and keeps nothing. Servers take turns;
the load generator shares their two cores. Closed: 8 connections; open: 300 requests a second by chance.
"""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.recommend.simulated import Year, happened, vectors, words
from benchmarks.serving.serving import DIRECT, PLENTY, Server, awake, free_port, load

from argosy.config.file import load as load_project
from argosy.core.recommend import Event, Item, Wish
from argosy.core.tenant import Tenant, Terms
from argosy.infer import folder as model_folder
from argosy.models.licence import judge
from argosy.project.recommending.live import live_of
from argosy.project.selling.shop import Shop, currency_of, open_store
from argosy.recommend import folder
from argosy.recommend.interactions import Interactions
from argosy.recommend.interest.model import untrained, with_graph
from argosy.recommend.ranking.blend import Blend
from argosy.recommend.ranking.features import names
from argosy.recommend.ranking.system import System
from argosy.recommend.scorer import Scorer
from argosy.recommend.tidy import catalogue_of
from argosy.recommend.tuning import FITS
from argosy.store.tenants.accounts import SqlAccounts

SEED, CONNECTIONS, RATE, LIST = 11, 8, 300.0, 10
_EVENTS, _USERS, _ASKED, _AT_ONCE = 10, 5, 2_000, 2_000
MODELS = {
    "neighbours": {"shrink": 20.0, "nearest": 50.0},
    "covisits": {"steps": 5.0, "hours": 24.0 * 30},
    "ials": {"factors": 64.0, "alpha": 5.0, "penalty": 1.0},
}
NAMES = ("open", "sold", "peer")
_KEYS = ("per_s", "p50", "p99")
_TOML = """
name = "shop"
task = "recommend"
languages = ["en"]

[base]
model = "scratch"

[recommend]
items = "items.csv"
events = "events.csv"
explore = 0.05
"""
_SELL = """
[sell]

[plans.standard]
prices = [{unit = "requests", per = 1000, price = "5.00"}]
"""


def made(place: Path, size: int) -> list[str]:
    """A project in ``place`` with its model, its log and what the peer reads; the users who are asked for."""
    year = happened(size, _EVENTS * size, size // _USERS, SEED)
    titles, tags = words(year, SEED)
    items = [Item(id=f"i{at}", title=titles[at], tags=(tags[at],), added=int(year.added[at])) for at in range(size)]
    events = interactions(year)
    catalogue = catalogue_of(items)
    scorers: dict[str, Scorer] = {name: FITS[name](events, catalogue, settings) for name, settings in MODELS.items()}
    scorers["text"] = with_graph(untrained(vectors(year, SEED)))
    weights = {f"{name}_z": 1.0 for name in scorers}
    ranker = Blend(names=names(tuple(scorers)), known=weights, strangers={"wanted_7d": 1.0})
    model = place / "model"
    model.mkdir()
    folder.write(model, items, System(scorers=scorers, ranker=ranker))
    told = {"format": model_folder.FORMAT, "kind": model_folder.RECOMMENDER, "name": "shop", "languages": ["en"]}
    kinds = {
        "labels": [],
        "data": asdict(judge(None)),
        "kinds": {"click": 1.0, "purchase": 1.0},
        "wanted": ["click", "purchase"],
    }
    model_folder.write(model, {**told, **kinds, "version": "1", "metrics": {}})
    (place / "argosy.toml").write_text(_TOML, encoding="utf-8")
    order = np.random.default_rng(SEED).permutation(np.unique(year.users))[:_ASKED]
    kept = np.flatnonzero(np.isin(year.users, order))
    with live_of(Shop(project=load_project(place), folder=place), model) as live:
        log = live.log
        log.put(items).result()
        for begin in range(0, len(kept), _AT_ONCE):
            log.hear([_event(year, row) for row in kept[begin : begin + _AT_ONCE].tolist()]).result()
    np.save(place / "factors.npy", scorers["ials"].items)  # type: ignore[attr-defined] # FITS tells no more than Scorer
    seen = {f"u{user}": np.unique(year.items[kept][year.users[kept] == user]) for user in order.tolist()}
    np.savez(place / "users.npz", allow_pickle=False, **seen)
    return list(seen)


def interactions(year: Year) -> Interactions:
    """All events as successes."""
    return Interactions(
        users=year.users,
        items=year.items,
        times=year.times,
        kind=year.kinds,
        kinds=("click", "purchase"),
        weights={},
        wanted=frozenset({"click", "purchase"}),
        people=tuple(map(str, range(int(year.users.max()) + 1))),
        size=len(year.group),
    )


def _event(year: Year, row: int) -> Event:
    kind = ("click", "purchase")[year.kinds[row]]
    return Event(user=f"u{year.users[row]}", item=f"i{year.items[row]}", kind=kind, at=int(year.times[row]))


def in_process(place: Path, users: Sequence[str], count: int) -> dict[str, float]:
    """Milliseconds of a list by the live state; each tenth list comes after a new event."""
    took = []
    with live_of(Shop(project=load_project(place), folder=place), place / "model") as live:
        for user in users:
            live.made(Wish(user=user, n=LIST))  # reads the history
        for number in range(count):
            user = users[number % len(users)]
            if number % 10 == 0:
                item = live.own.state.items[number].id
                live.hear([Event(user=user, item=item, kind="click", at=live.clock())])
            begun = time.perf_counter()
            live.made(Wish(user=user, n=LIST))
            took.append(1_000 * (time.perf_counter() - begun))
    return {f"p{rank}": round(float(np.percentile(took, rank)), 2) for rank in (50, 99)}


@contextmanager
def running(name: str, place: Path, shelf: Path) -> Iterator[Server]:
    """A server that answers, at rest: ``open`` and ``sold`` by two workers, or the ``peer``."""
    port, key = free_port(), ""
    command = [sys.executable, str(Path(__file__).with_name("latency_peer.py")), str(place), str(port)]
    if name != "peer":
        key = stocked(place, shelf, sells=name == "sold")
        command = [str(Path(sys.executable).with_name("argosy")), "serve", str(shelf), "--port", str(port)]
        command += ["--workers", "2", *([] if key else ["--open"])]
    with (shelf / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        server = Server(name=name, group=process.pid, seconds=0.0, port=port, path="/v1/recommend", key=key)
        try:
            _until_open(server, process, shelf / "serve.log")
            server.rest(on=True)
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.rest(on=False)
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def stocked(place: Path, shelf: Path, *, sells: bool) -> str:
    """The project again with a log of its own; where it sells, the key of a tenant with limits that it never meets."""
    (shelf / "argosy.toml").write_text(_TOML + (_SELL if sells else ""), encoding="utf-8")
    (shelf / "model").symlink_to(place / "model", target_is_directory=True)
    shutil.copytree(place / ".argosy", shelf / ".argosy")
    if not sells:
        return ""
    shop = Shop(project=load_project(shelf), folder=shelf)
    with open_store(shop.sell, shelf) as database:
        accounts = SqlAccounts(database)
        wish = Tenant(id="", name="load", plan=shop.sell.plan, currency=currency_of(shop), limits=PLENTY)
        tenant = accounts.create_tenant(wish, "benchmark").result()
        terms = Terms(scopes=frozenset({"recommend"}))
        return accounts.create_key(tenant.id, terms, "benchmark").result().secret


def _until_open(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers."""
    address = f"http://127.0.0.1:{server.port}{'/healthz' if server.name != 'peer' else '/docs'}"
    while True:
        if process.poll() is not None:
            sys.exit(f"{server.name} ended at once:\n{log.read_text(encoding='utf-8')[-2000:]}")
        try:
            with DIRECT.open(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)  # between two tries to connect


def memory(group: int) -> list[int]:
    """Megabytes that are each process's alone or its share of what is shared, the largest first."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            stat = (place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(stat[2]) == group:
                rollup = (place / "smaps_rollup").read_text(encoding="ascii")
                found.append(round(int(re.findall(r"Pss:\s+(\d+)", rollup)[0]) / 1024))
    return sorted(found, reverse=True)


def main(*, quick: bool) -> None:
    """Build, measure in the process, then all servers in turn."""
    size, seconds, rounds = (30_000, 4.0, 1) if quick else (100_000, 10.0, 3)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        users = made(place, size)
        inside = in_process(place, users[:500], 500 if quick else 3_000)
        note(f"in the process: {inside}")
        asked: list[Any] = [{"user": user, "n": LIST} for user in users]
        servers = []
        for name in NAMES:
            shelf = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            servers.append(stack.enter_context(running(name, place, shelf)))
        found: list[dict[str, Any]] = []
        for number in range(rounds):
            told: dict[str, Any] = {}
            for server in servers:
                with awake(server):
                    closed = load(server, asked, loop="closed", connections=CONNECTIONS, warm=4.0, seconds=seconds)
                    steady = load(
                        server,
                        asked,
                        loop="open",
                        rate=RATE,
                        connections=32,
                        seconds=seconds,
                        patience=5.0,
                        seed=number,
                    )
                told[server.name] = {"closed": closed, "steady": steady, "mb": memory(server.group)}
                note(f"{server.name}: {told[server.name]}")
            found.append(told)
    tell("latency", {"items": size, "inside": inside, **figures(found)}, packages=("numpy", "usearch", "fastapi"))


def figures(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the rounds by server, and the failures of all."""
    told: dict[str, Any] = {}
    for name in NAMES:
        told[name] = {
            loop: {key: round(statistics.median(one[name][loop][key] for one in found), 1) for key in _KEYS}
            for loop in ("closed", "steady")
        }
        told[name]["mb"] = found[-1][name]["mb"]
        told[name]["failed"] = sum(one[name][loop]["failed"] for one in found for loop in ("closed", "steady"))
    return told


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
