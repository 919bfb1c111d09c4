"""What fixes the bits of a training: the wheels, the processor, the threads, the kernels; and whose training it is."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.distributed.tensor import DTensor

from argosy.train import parallel
from argosy.train.batches import Rows

_CPUINFO = Path("/proc/cpuinfo")
_WHOLE = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
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


def fingerprint(model: nn.Module, order: Sequence[Rows], steps: int) -> dict[str, object]:
    """Whose training it is, in words short enough to compare: what is trained, what stays as it is, rows and steps."""
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    frozen = {name: weight for name, weight in model.named_parameters() if not weight.requires_grad}
    return {
        "trained": _told(trained, [f"{name} {tuple(weight.shape)} {weight.dtype}" for name, weight in trained.items()]),
        "frozen": _told(frozen, [f"{name} {_sum(weight)}" for name, weight in frozen.items()]),
        "data": f"{sum(map(len, order))} rows in {len(order)} batches ({_short(repr([tuple(one) for one in order]))})",
        "all steps": steps,
    }


def _told(weights: Mapping[str, nn.Parameter], facts: Sequence[str]) -> str:
    return f"{sum(weight.numel() for weight in weights.values())} weights ({_short(chr(10).join(facts))})"


def _sum(weight: nn.Parameter) -> int:
    """The sum of the bits as whole numbers: the same in any order, so on any number of threads."""
    held = weight.to_local() if isinstance(weight, DTensor) else weight
    found = int(held.detach().contiguous().view(_WHOLE[weight.element_size()]).sum(dtype=torch.int64))
    return parallel.total(found) if isinstance(weight, DTensor) else found


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
