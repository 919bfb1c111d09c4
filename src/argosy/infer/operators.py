"""Where a graph's time goes: ONNX Runtime's own profile, summed by kind of operator."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from argosy.infer.batches import Batch
from argosy.infer.session import cores

_ERRORS_ONLY = 3
_KERNEL = "_kernel_time"  # ends the name of an event that is the work of one operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A kind of operator as the runtime runs it (fused ones have names of their own), and its ``share`` of the time."""

    name: str
    share: float
    calls: int


def profile(file: Path, batches: Iterable[Batch], *, threads: int | None = None) -> list[Operator]:
    """The operators of a graph that maps tokens to logits, the most costly first; the first batch is for warmth."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or cores()
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = _ERRORS_ONLY
    options.enable_profiling = True
    with tempfile.TemporaryDirectory() as place:
        options.profile_file_prefix = str(Path(place) / "profile")
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        for batch in batches:
            session.run(["logits"], {"input_ids": batch.ids, "attention_mask": batch.mask})
        told = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    spent: defaultdict[str, int] = defaultdict(int)
    calls: defaultdict[str, int] = defaultdict(int)
    for event in told:
        if event.get("cat") == "Node" and event["name"].endswith(_KERNEL):
            name = event["args"]["op_name"]
            spent[name] += event["dur"]
            calls[name] += 1
    whole = sum(spent.values()) or 1
    return [
        Operator(name=name, share=spent[name] / whole, calls=calls[name])
        for name in sorted(spent, key=spent.__getitem__, reverse=True)
    ]
