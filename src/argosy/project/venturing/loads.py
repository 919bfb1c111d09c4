"""The load curve of a served model: measured over HTTP on this machine, kept beside the plan, read again."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil

from argosy.config.places import find_model
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError
from argosy.infer.folder import describe
from argosy.infer.processor import machine
from argosy.project.selling.allowed import refuse_columns
from argosy.project.selling.aside import serving
from argosy.project.venturing.runs import beside
from argosy.venture.compute.curve import Point
from argosy.venture.compute.energy import joules

_NAME = "load.json"
_PATH = "/v1/classify"
_NEVER = float("inf")
_CONNECTIONS = 32
_STEPS = (0.1, 0.25, 0.4, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05)  # of what answers in a closed loop
_WARM, _SEED, _PATIENCE = 1.0, 1, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A measured curve: when, of which model and engine, on what; ``joules`` a request, where counters tell them."""

    day: date
    model: str
    engine: str
    machine: str
    points: tuple[Point, ...]
    joules: float | None = None


def measure(
    model: Path, texts: Sequence[str], day: date, seconds: float, told: Callable[[Point], None] = lambda _: None
) -> Load:
    """Serve the model of a folder, and ask it at rising rates, each for so many seconds; the texts one a request.

    The load generator shares the processors with the server, as it would not in use: what is measured is on the safe
    side. Raises MissingError without a model, GateError where the server does not start.
    """
    place = find_model(model)
    refuse_columns(place)
    description = describe(place)
    with serving(place) as address:
        closed = asking(address, texts, loop="closed", connections=_CONNECTIONS, warm=_WARM, seconds=seconds)
        most = len(closed["ms"]) / seconds
        before = joules()
        points = []
        for step in _STEPS:
            points.append(point(address, texts, max(step * most, 1.0), seconds))
            told(points[-1])
        after = joules()
    answered = sum(one.answered * one.seconds for one in points)
    known = before is not None and after is not None and after > before and answered
    return Load(
        day=day,
        model=description.name,
        engine=description.served,
        machine=_machine(),
        points=tuple(points),
        joules=float(after - before) / answered if known and after is not None and before is not None else None,
    )


def point(address: str, texts: Sequence[str], rate: float, seconds: float) -> Point:
    """One rate, by an open loop of arrivals by chance."""
    begun = processor_seconds(address)
    told = asking(
        address,
        texts,
        loop="open",
        connections=_CONNECTIONS,
        rate=rate,
        seconds=seconds,
        patience=_PATIENCE,
        seed=_SEED,
    )
    busy = processor_seconds(address) - begun
    came = len(told["ms"]) + told["failed"]
    times = [*sorted(told["ms"]), *[_NEVER] * told["failed"]]
    ranks = np.ceil(np.arange(1, 101) / 100 * came).astype(int) - 1 if came else np.zeros(100, int)
    return Point(
        offered=came / seconds,
        answered=len(told["ms"]) / seconds,
        seconds=seconds,
        ms=tuple(times[max(rank, 0)] for rank in ranks) if came else (0.0,) * 100,
        busy=busy / len(told["ms"]) if told["ms"] else None,
    )


def asking(address: str, texts: Sequence[str], **plan: Any) -> dict[str, Any]:
    """What the load generator, in a process of its own, tells of a plan."""
    place = urlsplit(address)
    plan |= {"host": place.hostname, "port": place.port, "path": _PATH, "key": "", "inputs": list(texts)}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
        json.dump(plan, given)
        given.seek(0)
        done = subprocess.run(
            [sys.executable, "-m", "argosy.project.using.arrivals"],
            stdin=given,
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def store(folder: Path, load: Load) -> Path:
    """Keep a curve beside the plan; the earlier one is replaced."""
    place = beside(folder) / _NAME
    place.parent.mkdir(parents=True, exist_ok=True)
    points = [asdict(one) | {"ms": [None if ms == _NEVER else ms for ms in one.ms]} for one in load.points]
    told = asdict(load) | {"day": load.day.isoformat(), "points": points}
    write_atomically(place, json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n")
    return place


def kept(folder: Path) -> Load | None:
    """The curve beside the plan, None where none was measured; raises ProjectError for one that cannot be read."""
    place = beside(folder) / _NAME
    if not place.is_file():
        return None
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        points = tuple(_read(one) for one in found["points"])
        return Load(**{**found, "day": date.fromisoformat(found["day"]), "points": points})
    except (ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            "The load curve cannot be read.", where=str(place), mend="Measure it: argosy compute measure MODEL"
        ) from error


def _read(one: dict[str, Any]) -> Point:
    return Point(**{**one, "ms": tuple(_NEVER if ms is None else ms for ms in one["ms"])})


def processor_seconds(address: str) -> float:
    """Seconds of processor time that the server of an address has used, its workers included."""
    port = urlsplit(address).port
    whole = 0.0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(
                one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN
                for one in child.net_connections()
            ):
                times = child.cpu_times()
                whole += times.user + times.system
    return whole


def _machine() -> str:
    found = machine()
    return f"{found.get('processor', '?')}, {found.get('cores', '?')} cores"
