"""Energy and CO₂: measured by the processor's own counters where they can be read, estimated from watts else."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

COUNTERS = Path("/sys/class/powercap")
"""Where Linux tells what processors used (RAPL), in millionths of a joule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Kilowatt-hours and kilograms of CO₂, and how they are known."""

    kilowatt_hours: Decimal
    carbon: Decimal
    how: Literal["measured", "estimated"]


def estimated(watts: Decimal, hours: Decimal, overhead: Decimal, intensity: Decimal) -> Used:
    """Watts over hours, times the overhead of the building (PUE), times kilograms of CO₂ for a kilowatt-hour."""
    spent = watts / 1000 * hours * overhead
    return Used(kilowatt_hours=spent, carbon=spent * intensity, how="estimated")


def counted(spent: float, requests: int, overhead: Decimal, intensity: Decimal) -> Used:
    """What ``requests`` take at ``spent`` joules each, as counters told: the processors alone, while they were asked.

    Hours in which machines wait, memory and disks are not in it; the building's overhead is.
    """
    whole = Decimal(repr(spent)) * requests / 3_600_000 * overhead
    return Used(kilowatt_hours=whole, carbon=whole * intensity, how="measured")


def joules(place: Path = COUNTERS) -> Decimal | None:
    """What the processors' counters stand at, in all; None where there are none or they may not be read.

    They turn over after some minutes to hours: two readings are compared over a short time, and a smaller later one
    says nothing.
    """
    found = []
    for counter in sorted(place.glob("intel-rapl:[0-9]")):
        try:
            found.append(Decimal((counter / "energy_uj").read_text(encoding="ascii")) / 1_000_000)
        except OSError:  # read by root alone on most machines: then it is not known
            return None
    return sum(found, Decimal(0)) if found else None
