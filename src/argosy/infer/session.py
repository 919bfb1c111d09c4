"""Opens ONNX Runtime sessions that use the threads they are given and answer the same bits every time."""

import os
from pathlib import Path

import onnxruntime

from argosy.core.errors import MissingError

_ERRORS_ONLY = 3


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(file: Path, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """A session on the processor with ``threads`` threads (None: all cores this process may use).

    Raises MissingError when the file is absent or is no graph that this version can run.
    """
    if not file.is_file():
        raise MissingError("The graph is not there.", where=str(file), mend="Build it with `argosy run`.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # threads that spin while they wait halve the throughput when the cores are shared, as with the server beside them
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's errors share no base of their own
        raise MissingError(
            "The graph cannot be loaded: {reason}",
            where=str(file),
            mend="Build it again with `argosy run`; a newer Argosy may have made it.",
            reason=str(error).strip(),
        ) from error
