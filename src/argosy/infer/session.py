"""Opens ONNX Runtime sessions that use the threads they are given and answer the same bits every time."""

import os
import re
from pathlib import Path

import onnxruntime

from argosy.core.errors import MachineError, MissingError
from argosy.infer.processor import built_on

_ERRORS_ONLY = 3
_VNNI = {"avx512_vnni", "avx_vnni", "amx_int8"}
_FULL = "bad_alloc"  # C++'s word for no memory
_LACKING = re.compile(r"(?:Could not find an implementation for|No Op registered for|is not a registered function/op)")
_OPERATOR = re.compile(r"(?:implementation for|registered for) (\w+(?:\(\d+\))?)|Fatal error: ([\w.:]+\(-?\d+\))")


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_session(file: Path, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """A session on the processor with ``threads`` threads (None: all cores this process may use).

    Raises MissingError when the file is absent, or is no graph that this version can run; it names an operator that
    the runtime lacks.
    """
    if not file.is_file():
        raise MissingError("The graph is not there.", where=str(file), mend="Build it with `argosy run`.")
    try:
        return session_of(str(file), threads=threads)
    except MemoryError as error:
        raise _no_room(file) from error
    except Exception as error:  # the library's errors share no base of their own
        raise _no_room(file) if _FULL in str(error) else _refusal(file, str(error).strip()) from error


def session_of(graph: str | bytes, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """A session over a graph's path or its bytes; raises the library's own errors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # threads that spin while they wait halve the throughput when the cores are shared, as with the server beside them
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not _VNNI & set(built_on()["instructions"]):  # 8-bit products saturate there, unless slower ones are asked for
        options.add_session_config_entry("session.x64quantprecision", "1")
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _no_room(file: Path) -> MachineError:
    return MachineError(
        "The memory does not suffice to open the graph.",
        where=str(file),
        mend="Stop another program or serve fewer models at a time, give it more memory, or make the model "
        "smaller: argosy compress",
    )


def _refusal(file: Path, reason: str) -> MissingError:
    if not _LACKING.search(reason):
        return MissingError(
            "The graph cannot be loaded: {reason}",
            where=str(file),
            mend="Build it again with `argosy run`; a newer Argosy may have made it.",
            reason=reason,
        )
    found = _OPERATOR.search(reason)
    return MissingError(
        "This ONNX Runtime ({version}) has no operator {operator} for this graph: {reason}",
        where=str(file),
        mend="Install the ONNX Runtime that Argosy asks for, or use another engine: --engine onnx-fp32",
        version=onnxruntime.__version__,
        operator=next(filter(None, found.groups()), "?") if found else "?",
        reason=reason,
    )
