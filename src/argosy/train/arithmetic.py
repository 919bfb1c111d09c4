"""What fixes the bits of a training: the wheels, the processor, the threads, the kernels; and whose training it is."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from argosy.train import parallel
from argosy.train.batches import Rows

_CPUINFO = Path("/proc/cpuinfo")
_FAMILY = ("vendor_id", "cpu family", "model")


def arithmetic(device: torch.device) -> dict[str, object]:
    """Figures and words that must be the same for the same bits, by name."""
    gpu = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return {
        "torch": torch.__version__,
        "numpy": np.__version__,
        "processor": _processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "device": gpu or device.type,
        "cuda": str(torch.version.cuda) if gpu else "",
        "threads": torch.get_num_threads(),
        "processes": parallel.world(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "onednn": torch.backends.mkldnn.enabled,
        "float32": torch.get_float32_matmul_precision(),
        "cudnn": [torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark] if gpu else [],
    }


def fingerprint(trained: Mapping[str, nn.Parameter], order: Sequence[Rows], steps: int) -> dict[str, object]:
    """What is trained and on what, in words short enough to compare: weights, rows and steps."""
    shapes = "\n".join(f"{name} {tuple(weight.shape)} {weight.dtype}" for name, weight in trained.items())
    count = sum(weight.numel() for weight in trained.values())
    return {
        "trained": f"{count} weights ({_short(shapes)})",
        "data": f"{sum(map(len, order))} rows in {len(order)} batches ({_short(repr([tuple(one) for one in order]))})",
        "all steps": steps,
    }


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _processor() -> str:
    """Vendor, family and model of the processor; the machine's kind where the system does not tell."""
    if not _CPUINFO.is_file():
        return platform.machine()
    first = _CPUINFO.read_text(encoding="utf-8").split("\n\n", 1)[0]
    told = dict(line.split(":", 1) for line in first.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in told.items()}
    return " ".join([platform.machine(), *(facts[name] for name in _FAMILY if name in facts)])
