"""Looks whether a model has room in memory before it is opened: the system would end the process without a word."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from argosy.core.errors import MachineError
from argosy.infer.folder import ONNXRUNTIME, OPENVINO

_MB = 2**20
_NEEDS = {ONNXRUNTIME: (40 * _MB, 1.3), OPENVINO: (80 * _MB, 1.6), "torch": (100 * _MB, 1.0)}
"""Of each runtime: what any model takes, and how many times the size of its files, while it is opened and first run."""
_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_V2 = ("memory.max", "memory.current", "inactive_file")


def free_memory() -> int:
    """Bytes that this process may still take: of the machine, of its control group, of its own address space."""
    machine = int(psutil.virtual_memory().available)
    return min([machine, *_group_room(Path("/")), *_address_room()])


def check_room(files: Iterable[Path], runtime: str, free: Callable[[], int] = free_memory) -> None:
    """Raise MachineError when opening ``files`` takes more memory than ``free`` tells.

    What is needed was measured for each ``runtime``, torch among them, over files of different sizes.
    """
    known = list(files)
    base, times = _NEEDS.get(runtime, _NEEDS[ONNXRUNTIME])
    needed = base + round(times * sum(file.stat().st_size for file in known))
    left = free()
    if needed > left:
        raise MachineError(
            "The model needs about {needed} MB of memory to open; {free} MB are free.",
            where=str(known[0]),
            mend="Stop another program or serve fewer models at a time, give it more memory, or make the model "
            "smaller: argosy compress",
            needed=-(-needed // 10**6),
            free=left // 10**6,
        )


def _group_room(root: Path) -> list[int]:
    """What the control groups of this process (version 1 or 2) leave, outermost included, where they set a limit.

    Pages of files that nobody has touched lately count as used there, though they are given back on demand.
    """
    found = []
    membership = root / "proc/self/cgroup"
    for line in membership.read_text(encoding="utf-8").splitlines() if membership.is_file() else ():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top, names = (root / "sys/fs/cgroup/memory", _V1) if controllers else (root / "sys/fs/cgroup", _V2)
        place = top / path.lstrip("/")
        found += [_left(folder, *names) for folder in (place, *place.parents) if folder.is_relative_to(top)]
    return [room for room in found if room is not None]


def _left(folder: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    try:
        most = (folder / limit).read_text(encoding="utf-8").strip()
        if not most.isdecimal():
            return None  # "max": none is set
        used = int((folder / usage).read_text(encoding="utf-8"))
        stat = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="utf-8").splitlines())
    except OSError:  # no such group is visible from here
        return None
    return max(0, int(most) - used + int(stat.get(reclaimable, 0)))


def _address_room() -> list[int]:
    """Half of the addresses that are left where they are limited: a graph takes twice as many as it takes memory."""
    if sys.platform == "win32":
        return []
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return [] if limit == resource.RLIM_INFINITY else [max(0, limit - psutil.Process().memory_info().vms) // 2]
