"""Where a request's time goes, for one's own model and texts: a real server is asked, by one client and by many.

The server tells by the header ``Server-Timing`` what each part took; the rest of what the client waits is the network,
the framework, and the client itself, which shares the processors with the server.
"""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from argosy.config.places import STORE, find_model
from argosy.core.errors import DataError, MissingError
from argosy.data.clean import LONGEST_TEXT
from argosy.data.files.table import open_table
from argosy.infer.batches import batches
from argosy.infer.folder import ONNXRUNTIME, Description, describe
from argosy.infer.load import LINEAR
from argosy.infer.operators import Operator
from argosy.infer.operators import profile as operators
from argosy.infer.tokens import Tokenizer
from argosy.project.building.plan import read_lock
from argosy.project.selling.allowed import refuse_columns
from argosy.project.selling.aside import serving
from argosy.serve.answers.timing import ASKED, PARTS
from argosy.stages.data import split

REST = "rest"
CONNECTIONS = 16
_WARM = 10  # requests that are not counted
_OPERATORS = 64  # texts whose operators are timed
_SLICE = 1_024  # rows of a file looked at together


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Requests of one text each over ``connections``: milliseconds as the client sees them, requests a second.

    ``ms`` is the mean of each part (those of the header, and the rest), ``share`` its share of the whole.
    """

    connections: int
    requests: int
    p50_ms: float
    p99_ms: float
    per_s: float
    ms: Mapping[str, float]
    share: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """``operators`` are those of the graph, the most costly first; none for engines that have no graph over tokens."""

    model: str
    engine: str
    texts: int
    alone: Phase
    crowd: Phase
    operators: Sequence[Operator]


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request: seconds as the client saw them, milliseconds by part as the server told."""

    seconds: float
    parts: Mapping[str, float]


def profile(folder: Path, source: Path | None, column: str, count: int, connections: int = CONNECTIONS) -> Profile:
    """Ask a server for the model of ``folder`` at most ``count`` texts, of a file or of the project's validation rows.

    Raises MissingError when there is no model or no text, DataError for what is wrong with the file.
    """
    place = find_model(folder)
    refuse_columns(place)
    description = describe(place)
    texts = texts_of(folder, source, column, count)
    with serving(place) as address:
        _ask(address, texts[:_WARM], 1)
        alone = _phase(*_ask(address, texts, 1), 1)
        crowd = _phase(*_ask(address, texts, connections), connections)
    return Profile(
        model=description.name,
        engine=description.served,
        texts=len(texts),
        alone=alone,
        crowd=crowd,
        operators=_operators(description, texts[:_OPERATORS]),
    )


def texts_of(folder: Path, source: Path | None, column: str, count: int) -> list[str]:
    """At most ``count`` texts that a server takes, of a file or of a project's validation rows.

    Raises MissingError when there is no text, DataError for what is wrong with the file.
    """
    return _of_file(source, column, count) if source else _of_project(folder, count)


def _of_file(source: Path, column: str, count: int) -> list[str]:
    texts = (text for frame in open_table(source, column).slices(_SLICE) for text in frame[column])
    found = list(islice(_sendable(texts), count))
    if not found:
        raise DataError("The column {column!r} holds no text.", where=source.name, mend="Name another.", column=column)
    return found


def _of_project(folder: Path, count: int) -> list[str]:
    """Validation rows as they stood in the user's file."""
    lock = read_lock(folder)
    if "split" not in lock:
        raise MissingError(
            "A model's folder holds no texts to ask.", where=str(folder), mend="Name a file: argosy profile DIR FILE"
        )
    rows = split.load(folder / STORE / lock["split"].artifact)["validation"]
    return list(islice(_sendable(str(row.meta["raw"]) for row in rows), count))


def _sendable(texts: Iterator[str | None]) -> Iterator[str]:
    """The texts that a server takes."""
    return (text[:LONGEST_TEXT] for text in texts if text and text.strip())


def _ask(address: str, texts: Sequence[str], connections: int) -> tuple[list[_Visit], float]:
    """A request for each text, and the seconds of all; raises what a request raised."""
    waiting, lock = iter(texts), threading.Lock()
    visits: list[_Visit] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            visits.extend(_visits(address, waiting, lock))
        except (OSError, http.client.HTTPException, DataError) as error:
            failed.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(connections)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return visits, time.perf_counter() - start


def _visits(address: str, waiting: Iterator[str], lock: threading.Lock) -> Iterator[_Visit]:
    """Requests over one connection, as long as there are texts."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    try:
        while True:
            with lock:
                text = next(waiting, None)
            if text is None:
                return
            body = json.dumps({"input": text}).encode()
            start = time.perf_counter()
            connection.request("POST", "/v1/classify", body, {"content-type": "application/json", ASKED: "1"})
            response = connection.getresponse()
            said = response.read()
            seconds = time.perf_counter() - start
            if response.status != http.client.OK:
                raise DataError("The server refused a text: {said}", said=said.decode("utf-8", "replace")[:200])
            yield _Visit(seconds, _parts(response.getheader("server-timing", "")))
    finally:
        connection.close()


def _parts(header: str) -> dict[str, float]:
    """Milliseconds by part.

    >>> _parts("parse;dur=0.12, compute;dur=5")
    {'parse': 0.12, 'compute': 5.0}
    """
    entries = (entry.strip().split(";dur=") for entry in header.split(",") if entry.strip())
    return {name: float(duration) for name, duration in entries}


def _phase(visits: Sequence[_Visit], seconds: float, connections: int) -> Phase:
    whole = np.array([1000 * visit.seconds for visit in visits])
    ms = {part: float(np.mean([visit.parts.get(part, 0.0) for visit in visits])) for part in PARTS}
    ms[REST] = max(float(whole.mean()) - sum(ms.values()), 0.0)
    total = sum(ms.values())
    return Phase(
        connections=connections,
        requests=len(visits),
        p50_ms=round(float(np.quantile(whole, 0.5)), 3),
        p99_ms=round(float(np.quantile(whole, 0.99)), 3),
        per_s=round(len(visits) / seconds, 1),
        ms={part: round(spent, 4) for part, spent in ms.items()},
        share={part: round(spent / total, 4) for part, spent in ms.items()},
    )


def _operators(description: Description, texts: Sequence[str]) -> list[Operator]:
    """The operators of the served graph over single texts, as requests that come alone are answered."""
    graph = description.engines[description.served]
    if graph.file is None or graph.runtime != ONNXRUNTIME or description.served == LINEAR:
        return []
    tokenizer = Tokenizer.load(description.path, max_length=description.max_length)
    rows = tokenizer.encode(texts)
    single = (batch for row in rows for batch in batches([row], pad=tokenizer.pad))
    return operators(graph.file, single, threads=graph.threads)
