"""Weeks of traffic, written into the books of a shop as a service would."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from shops import shop_in

from argosy.config.schema import Project
from argosy.core.signals import SLOT, Tally
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.look import Look, look
from argosy.store.database import Database
from argosy.store.watching.signals import SqlSignals

HOUR, DAY = 3_600_000_000, 86_400_000_000
MONDAY = 20_776 * DAY  # 2026-11-19 less ten days, midnight UTC
Counts = Mapping[str, int]
Hour = Callable[[int], Counts]
"""What a tenant's texts of an hour by its number come to."""


def usual(rng: np.random.Generator, texts: int, *, bad: float = 0.3, long: int = 10) -> dict[str, int]:
    """The counts of so many requests with a text each, at random."""
    labels = rng.binomial(texts, bad)
    lengths = np.bincount(np.clip(rng.normal(long, 2, texts), 0, 30).astype(int), minlength=31)
    sure = np.bincount(rng.choice([12, 15, 19], texts, p=[0.2, 0.3, 0.5]), minlength=20)
    quick = np.bincount(np.clip(rng.normal(14, 3, texts), 0, 60).astype(int), minlength=61)
    binned = {"length": lengths, "confidence": sure, "latency": quick}
    bins = {f"{name}:{at}": int(n) for name, all_ in binned.items() for at, n in enumerate(all_) if n}
    chinese = int(rng.binomial(texts, 0.4))
    told = {"requests": texts, "texts": texts, "read": texts, "errors": int(rng.binomial(texts, 0.01))}
    told |= {"label:bad": int(labels), "label:good": texts - int(labels), "pieces": 20 * texts}
    told |= {"language:zh": chinese, "language:en": texts - chinese, "unknown": int(rng.binomial(20 * texts, 0.002))}
    return {**told, **bins}


@dataclass
class Watching:
    """A shop that is watched, and the clock of its service."""

    shop: Shop
    database: Database
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    @property
    def signals(self) -> SqlSignals:
        """Where the service writes what it counted."""
        return SqlSignals(self.database)

    def hour(self, number: int, counts: Mapping[str, Counts], *, version: str = "", up: bool = True) -> list[Tally]:
        """The tallies of an hour: a sign of life for each slot, and what each tenant counted."""
        start = MONDAY + number * HOUR
        life = [
            Tally(
                id=f"life-{start + slot * SLOT}",
                model="",
                version="",
                tenant="",
                host="h",
                start=start + slot * SLOT,
                at=start + slot * SLOT,
                counts={"up": 600},
            )
            for slot in range(6 if up else 0)
        ]
        traffic = [
            Tally(
                id=f"{tenant}-{start}",
                model="mood",
                version=version,
                tenant=tenant,
                host="h",
                start=start,
                at=start,
                counts=told,
            )
            for tenant, told in counts.items()
        ]
        return [*life, *traffic]

    def told(self, number: int, tenants: str = "abc") -> dict[str, Counts]:
        """What tenants ask in a usual hour: more by day."""
        mean = 20 + 12 * np.sin(2 * np.pi * number / 24)
        return {tenant: usual(self.rng, 1 + int(self.rng.poisson(mean))) for tenant in tenants}

    def weeks(self, hours: int, *, first: int = 0, without: range = range(0)) -> None:
        """So many usual hours."""
        numbers = [number for number in range(first, first + hours) if number not in without]
        self.signals.note([one for number in numbers for one in self.hour(number, self.told(number))]).result()

    def look(self, hours: int) -> Look:
        """The look at the end of so many hours."""
        found = look(self.shop, self.database, MONDAY + hours * HOUR + 120_000_000)
        return next(one for one in found if one.model == "mood")


@contextmanager
def watching(folder: Path, **privacy: object) -> Iterator[Watching]:
    """A shop with empty books."""
    shop = shop_in(folder)
    told = {**shop.project.model_dump(exclude_unset=True), "privacy": privacy}
    shop = Shop(project=Project.model_validate(told), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield Watching(shop=shop, database=database)
