"""What tests of a running recommender share: a small shop, built without a training, and its live recommender."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ranked_events import DAY
from ranked_events import shop as happened

from argosy.config import file
from argosy.config.selling import Sell
from argosy.core.recommend import Event, Item
from argosy.infer import folder as model_folder
from argosy.infer.folder import FORMAT, RECOMMENDER
from argosy.models.licence import judge
from argosy.project.recommending.live import LiveRecommendations, open_live
from argosy.project.selling.shop import Shop, open_store
from argosy.recommend import folder
from argosy.recommend.baselines import pairs
from argosy.recommend.ranking.looking import Looking
from argosy.recommend.tidy import catalogue_of

SIZE = 30
NOW = 1_790_000_000_000_000
ITEMS = [Item(id=f"i{place}", title=f"Title {place:02}", tags=(f"t{place % 2}",)) for place in range(SIZE)]


def home(place: Path, *, more: str = "") -> Shop:
    """A project in a folder."""
    place.mkdir(parents=True, exist_ok=True)
    text = f'name = "shop"\ntask = "recommend"\nlanguages = ["en"]\n[recommend]\nexplore = 0.0\n{more}'
    (place / "argosy.toml").write_text(text, encoding="utf-8")
    return Shop(project=file.load(place), folder=place)


def build(place: Path, items: list[Item] = ITEMS) -> Path:
    """A model's folder whose lists are those of item neighbours."""
    place.mkdir(parents=True, exist_ok=True)
    events = happened(size=len(items)) if len(items) == SIZE else None
    scorers = (
        {"neighbours": pairs.neighbours(events, catalogue_of(items), {"shrink": 1.0, "nearest": 20.0})}
        if events
        else {}
    )
    folder.write(place, items, folder.alone("neighbours", {}, scorers, Looking(candidates=20)))
    told = {"format": FORMAT, "kind": RECOMMENDER, "name": "shop", "labels": [], "languages": ["en"], "version": "v1"}
    data = {"data": asdict(judge("MIT")), "base": None}
    model_folder.write(place, {**told, **data, "kinds": {"buy": 1.0, "look": 0.3}, "wanted": ["buy"]})
    return place


@contextmanager
def live(shop: Shop, model: Path, *, items: list[Item] = ITEMS) -> Iterator[LiveRecommendations]:
    """The recommender over the project's own store, with its items in the log."""
    with open_store(Sell(), shop.folder) as database:
        made = open_live(shop, model, database)
        made.clock = lambda: NOW
        made.log._clock = lambda: NOW
        made.put(items)
        yield made


def bought(user: str, item: str, *, ago: float = 1.0) -> Event:
    """That somebody bought something some days ago."""
    return Event(user=user, item=item, kind="buy", at=int(NOW - ago * DAY))
