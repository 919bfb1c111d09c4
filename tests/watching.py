"""Weeks of traffic, written into the books of a shop as a service would."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from argosy.config.schema import Project
from argosy.core.captured import Captured
from argosy.core.feedback import Feedback
from argosy.core.signals import SLOT, Tally
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.releasing import Shelf
from argosy.project.selling.shop import Shop, open_store
from argosy.project.watching.look import Look, look
from argosy.serve.releases.versions import Line
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.releases import SqlReleases
from argosy.store.watching.signals import SqlSignals

HOUR, DAY = 3_600_000_000, 86_400_000_000
MONDAY = 20_773 * DAY  # 2026-11-16, midnight UTC
Counts = Mapping[str, int]
_PROJECT = {
    "name": "shop",
    "languages": ["en"],
    "data": {"path": "rows.csv"},
    "base": {"model": "package:none"},
    "sell": {},
    "watch": {"every_minutes": 120},
}


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
    model: str = "mood"
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
                model=self.model,
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

    def weeks(self, hours: int, *, first: int = 0, without: range = range(0), version: str = "") -> None:
        """So many usual hours, answered by a version."""
        numbers = [number for number in range(first, first + hours) if number not in without]
        self.signals.note(
            [one for number in numbers for one in self.hour(number, self.told(number), version=version)]
        ).result()

    def look(self, hours: int) -> Look:
        """The look at the end of so many hours."""
        found = look(self.shop, self.database, MONDAY + hours * HOUR + 120_000_000)
        return next(one for one in found if one.model == self.model)


@contextmanager
def watching(folder: Path, **privacy: object) -> Iterator[Watching]:
    """A shop with empty books."""
    shop = Shop(project=Project.model_validate({**_PROJECT, "privacy": privacy}), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield Watching(shop=shop, database=database)


NOUNS = ["parcel", "phone", "shirt", "lamp", "battery", "camera", "box", "driver", "screen", "book"]
TOPICS = {
    "good": ["great", "lovely", "fast", "cheap", "solid", "nice", "happy", "perfect"],
    "bad": ["broken", "late", "poor", "refund", "slow", "dirty", "wrong", "awful"],
    "tax": ["invoice", "vat", "receipt", "accounting", "voucher", "ledger", "bookkeeping", "stamp"],
}


def text(rng: np.random.Generator, topic: str) -> str:
    """A short text on a topic."""
    words = [*rng.choice(TOPICS[topic], 3, replace=False), *rng.choice(NOUNS, 2, replace=False)]
    return " ".join([*map(str, words), str(rng.integers(1_000))])


@dataclass
class Talk:
    """Texts that were captured in a shop, and what customers said of the answers."""

    shop: Watching
    privacy: ProjectPrivacy
    number: int = 0

    def day(
        self, day: int, texts: int, *, right: float = 0.9, topics: Sequence[str] = ("good", "bad"), tenants: str = "abc"
    ) -> list[Captured]:
        """The texts of a day by some tenants, a share of them answered right; what is new never is."""
        rng, made = self.shop.rng, []
        for at in np.sort(rng.integers(0, DAY, texts)):
            self.number += 1
            topic = str(rng.choice(topics))
            knows = topic != "tax" and rng.random() < right
            said = topic if knows else "good" if topic == "bad" else "bad"
            sure = float(rng.choice([0.6, 0.8, 0.95]))
            made.append(
                Captured(
                    tenant=str(rng.choice(list(tenants))),
                    subject="",
                    event=f"{topic}-{self.number}",
                    model=self.shop.model,
                    version="1",
                    at=int(MONDAY + day * DAY + at),
                    asked={"input": text(rng, topic)},
                    answer={"data": [{"index": 0, "label": said, "probabilities": {said: sure}}]},
                )
            )
        self.privacy.keep(made)
        return made

    def feedback(self, said: Sequence[Captured], *, share: float = 0.5, late: int = HOUR) -> None:
        """The right labels of a share of the texts, each within ``late`` microseconds."""
        rng, table = self.shop.rng, FeedbackTable(self.shop.database)
        words = [
            Feedback(
                id=f"fb-{one.event}",
                tenant=one.tenant,
                event=one.event,
                model=self.shop.model,
                index=0,
                label=one.event.partition("-")[0],
                at=one.at + int(rng.integers(1, late)),
            )
            for one in said
            if rng.random() < share
        ]
        for future in [table.add(word) for word in words]:
            future.result()


@contextmanager
def talking(folder: Path, *, first: int = 0) -> Iterator[Talk]:
    """A shop that captures all, whose version 1 was promised to be right nine times of ten.

    Texts are numbered from ``first`` on.
    """
    with watching(folder, capture=1.0, basis="legitimate_interests") as shop:
        releases = SqlReleases(shop.database, clock=lambda: MONDAY - DAY)
        figure = {"value": 0.9, "low": 0.88, "high": 0.92}
        releases.add("mood", "a" * 64, "classify", by="test", metrics={"accuracy": figure}).result()
        Shelf(releases).move(None, Line(model="mood", champion=1, since=MONDAY - DAY), "test").result()
        shop.rng = np.random.default_rng(first)
        yield Talk(shop=shop, privacy=ProjectPrivacy(shop.shop.project, folder, shop.database), number=first)
