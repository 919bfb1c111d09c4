"""The process of a data service: a file in, a file out, and why rows were dropped, with little of it in memory.

It hears on its standard input what to do, says how many rows there are and how many may be charged, waits for a line,
works, and says what came of it. When the standard input ends, so does it: the server is gone.
"""

import json
import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from argosy.core.errors import ArgosyError, DataError, Problems
from argosy.data.files.table import Table, open_table
from argosy.serve.jobs.services import SERVICES, SLICE, Job
from argosy.serve.jobs.sink import Sink

_NICE = 10  # the answers to live requests come first
_TOLD = 10  # problems of one file at most


def main() -> None:
    """Do what the standard input asks."""
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    told = json.loads(lines.get())
    _behave(told["memory"])
    try:
        with tempfile.TemporaryDirectory(prefix="argosy-rows-") as folder:
            _work(told, Path(folder), lines)
    except Problems as problems:
        _say({"problems": [_problem(one) for one in problems.problems[:_TOLD]]})
    except ArgosyError as error:
        _say({"problems": [_problem(error)]})


def _work(told: Mapping[str, Any], folder: Path, lines: "SimpleQueue[bytes]") -> None:
    link = folder / f"file{told['suffix']}"
    link.symlink_to(told["path"])
    table = open_table(link, told["wishes"]["column"])
    _check_label(table, told["wishes"].get("label"))
    rows = sum(frame.height for frame in table.slices(SLICE))
    _check_rows(rows, told["rows"])
    service = SERVICES[told["service"]]
    _say({"rows": rows, "most": rows * service.most(told["wishes"])})
    lines.get()
    output, errors = Path(told["output"]), Path(told["errors"])
    with Sink(output, errors, told["wishes"].get("format") or told["suffix"]) as sink:
        report = service.work(Job(table=table, wishes=told["wishes"], sink=sink))
    _say(
        {
            "rows": max(rows, sink.kept),
            "kept": sink.kept,
            "dropped": sink.dropped.total(),
            "output_bytes": output.stat().st_size,
            "error_bytes": errors.stat().st_size,
            "report": {
                "rows": rows,
                "kept": sink.kept,
                "dropped": dict(sink.dropped),
                **report,
                "format": sink.suffix,
            },
        }
    )


def _check_rows(rows: int, limit: int) -> None:
    if rows > limit:
        raise DataError(
            "The file has {rows} rows; a batch may have {limit}.",
            mend="Split it over several batches.",
            rows=rows,
            limit=limit,
        )


def _check_label(table: Table, label: str | None) -> None:
    if label is not None and label not in table.columns:
        raise DataError(
            "There is no column {name!r}; there are {names}.",
            mend="Name one of these.",
            name=label,
            names=", ".join(table.columns),
        )


def _listen(lines: "SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(1)


def _behave(memory: int) -> None:
    """Step back behind others, and take no more than ``memory`` bytes, where the system knows how."""
    if os.name != "posix":
        return
    import resource

    os.nice(_NICE)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def _problem(error: ArgosyError) -> dict[str, Any]:
    return {"kind": type(error).__name__, "error": error.to_json()}


def _say(told: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
