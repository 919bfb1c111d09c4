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
