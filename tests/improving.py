"""A small shop whose model was built from rows of its own, its customers, and what they say of its answers."""

import csv
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tiny_bases

from argosy.config import file
from argosy.core.captured import Captured
from argosy.core.feedback import Feedback
from argosy.project.building import build as building
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.shop import Shop, open_store
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable

Said = tuple[str, str]
"""A text and its label."""
KNOWN: Mapping[str, Sequence[str]] = {
    "delivery": ("parcel late", "courier lost", "box arrived", "shipping slow", "package stolen"),
    "refund": ("money back", "refund please", "charge wrong", "card billed", "invoice twice"),
}
"""What people write of each topic that the first model knows."""
TOPIC = "login"
NEW: Mapping[str, Sequence[str]] = {
    TOPIC: ("password reset", "cannot sign in", "account locked", "code expired", "forgot pin")
}
"""A topic that came later."""
_FILLERS = ("hello", "today", "again", "really", "since monday", "at home", "please", "my friend", "twice", "in town")
_THINGS = ("red", "blue", "one", "two", "three", "four", "film", "food", "paris", "rome", "ann", "bob", "good", "fine")
PROJECT = """
name = "desk"
languages = ["en"]
size = "tiny"
[data]
path = "rows.csv"
[base]
model = "base"
trim = false
[train]
max_length = 16
[gate]
texts = 40
metric = "accuracy"
[improve]
least = 30
margin = 0.05
[privacy]
capture = 1.0
basis = "legitimate_interests"
[sell]
[plans.standard]
currency = "CNY"
prices = [{ unit = "texts", price = "0.01" }]
"""


TUNED = PROJECT.replace("[gate]", "frozen = 0\nlearning_rate = 0.003\nepochs = 12\n[gate]")
"""The same for a model that is tuned through and through."""


def texts(topics: Mapping[str, Sequence[str]], count: int, seed: int) -> list[Said]:
    """Different texts of these topics in turn, each with its label."""
    draw = random.Random(seed)
    found: dict[str, str] = {}
    for label in itertools.cycle(topics):
        words = [
            *draw.sample(topics[label], 2),
            draw.choice(_FILLERS),
            *draw.sample(_THINGS, 2),
            str(draw.random())[2:8],
        ]
        draw.shuffle(words)
        found[" ".join(words)] = label
        if len(found) == count:
            return list(found.items())
    raise AssertionError


def either(first: Sequence[str], second: Sequence[str], count: int, seed: int) -> list[Said]:
    """Texts whose label tells whether two words, far from each other, have the same place in their lists.

    No word tells it alone, so that a tuned Transformer beats a linear model here.
    """
    draw = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        one, other = draw.randrange(2), draw.randrange(2)
        words = draw.sample(["film", "food", "was", "very", "one", "two", "three", "four", "the", "is", "in"], 5)
        words.insert(draw.randrange(2), first[one])
        words.insert(draw.randrange(5, 7), second[other])
        found[" ".join(words)] = "same" if one == other else "other"
    return list(found.items())


def write(folder: Path, rows: Sequence[Said], project: str = PROJECT) -> Path:
    """The project, not built yet; needs torch."""
    (folder / "base").mkdir(parents=True)
    tiny_bases.write_encoder(folder / "base", layers=2, width=64)
    (folder / "base" / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    (folder / "argosy.toml").write_text(project, encoding="utf-8")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *rows])
    return folder


def build(folder: Path) -> Path:
    """The project with its model."""
    building.build(file.load(folder), folder, lambda news: None)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The shop with its open store; ``now`` is microseconds."""

    shop: Shop
    database: Database
    now: int

    def asked(self, said: Sequence[Said], tenant: str = "ten_a", *, first: int = 0) -> list[str]:
        """Captured requests of one text each; their events."""
        privacy = ProjectPrivacy(self.shop.project, self.shop.folder, self.database)
        events = [f"{tenant}-{number}" for number in range(first, first + len(said))]
        seen = [
            Captured(
                tenant=tenant,
                subject="",
                event=event,
                model="desk",
                version="1",
                at=self.now - 1_000,
                asked={"input": text},
                answer={},
            )
            for event, (text, _) in zip(events, said, strict=True)
        ]
        assert privacy.captures.keep(seen) == len(said)
        return events

    def heard(self, said: Sequence[Said], tenant: str = "ten_a", *, first: int = 0) -> None:
        """The same requests, and feedback that tells their labels."""
        table = FeedbackTable(self.database)
        for event, (_, label) in zip(self.asked(said, tenant, first=first), said, strict=True):
            told = Feedback(
                id=f"fb_{event}", tenant=tenant, event=event, model="desk", index=0, label=label, at=self.now - 500
            )
            table.add(told).result()


@contextmanager
def desk_in(folder: Path, now: int = 1_780_000_000_000_000) -> Iterator[Desk]:
    """The shop in ``folder`` while the block runs."""
    shop = Shop(project=file.load(folder), folder=folder)
    with open_store(shop.sell, folder) as database:
        yield Desk(shop=shop, database=database, now=now)


def lying(said: Sequence[Said], share: float, seed: int) -> list[Said]:
    """The same texts, a share of them under another of the labels."""
    draw = random.Random(seed)
    labels = sorted({label for _, label in said})
    wrong = set(draw.sample(range(len(said)), round(share * len(said))))
    return [
        (text, draw.choice([one for one in labels if one != label]) if at in wrong else label)
        for at, (text, label) in enumerate(said)
    ]
