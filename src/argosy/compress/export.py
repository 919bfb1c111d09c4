"""Exports a trained classifier, or a base model that embeds texts, to ONNX in a process of its own.

The exporter changes global state of torch, and a second export in one process once gave a wrong graph.
"""

import errno
import os
import subprocess
import sys
from pathlib import Path

from argosy.core.artifact import machine_error
from argosy.core.errors import GateError

_TAIL = 12  # lines of what the exporter said that are worth showing


def export(model_folder: Path, out: Path) -> Path:
    """Write the classifier of a transformers folder to the file ``out``.

    The graph maps int64 ``input_ids`` and ``attention_mask`` [rows, length], both sizes free, to float32 ``logits``
    [rows, labels]. Raises GateError with the exporter's last lines when it fails, MachineError when the disk is full;
    ``out`` is not written then.
    """
    return _export("argosy.compress.export_main", model_folder, out)


def export_encoder(base_folder: Path, out: Path) -> Path:
    """Write a base model, as one that embeds texts, to the file ``out``: as ``export``, but for what the graph gives.

    That is float32 ``vectors`` [rows, dimensions] of length 1. Raises as ``export``.
    """
    return _export("argosy.compress.encoder_main", base_folder, out)


def _export(program: str, model_folder: Path, out: Path) -> Path:
    command = [sys.executable, "-W", "ignore", "-m", program, str(model_folder), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    if os.strerror(errno.ENOSPC) in done.stderr:
        raise machine_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), out)
    if done.returncode != 0 or not out.is_file():
        raise GateError(
            "The model cannot be exported to ONNX (exit code {code}): {reason}",
            where=str(model_folder),
            mend="Choose an encoder of the BERT family, or file an issue with these lines.",
            code=done.returncode,
            reason="\n".join(done.stderr.strip().splitlines()[-_TAIL:]),
        )
    return out
