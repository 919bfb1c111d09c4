"""What of this processor decides how fast graphs run and how their products are rounded."""

import platform
from functools import cache
from pathlib import Path
from typing import Any

import psutil

_UNITS = frozenset(
    {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "asimddp", "bf16"}
    | {"i8mm", "sve"}
)
_CPUINFO = Path("/proc/cpuinfo")


def built_on() -> dict[str, Any]:
    """The architecture and, where the system tells them, the units for wide and low-precision products."""
    words = set(_CPUINFO.read_text(encoding="utf-8", errors="replace").split()) if _CPUINFO.is_file() else set()
    return {"machine": platform.machine(), "instructions": sorted(_UNITS & words)}


@cache
def instruction_set() -> str:
    """What of the processor decides the bits of a result: vector width, low-precision units, number of cores."""
    words = set(_CPUINFO.read_text(encoding="utf-8").split()) if _CPUINFO.is_file() else set()
    units = sorted(
        words & {"avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "bf16", "i8mm"}
    )
    return " ".join([*units, f"cores={psutil.cpu_count(logical=False)}"])


def multiplies_bf16() -> bool:
    """Whether products in bfloat16 are faster here than in fp32."""
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(instruction_set().split())


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": len(psutil.Process().cpu_affinity() or []),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "instructions": instruction_set(),
        "system": platform.platform(terse=True),
    }


def _processor() -> str:
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
