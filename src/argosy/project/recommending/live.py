"""A recommender as it serves: its log, its state in memory, its trial, as pages, programs and verbs see it."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.errors import MissingError
from argosy.core.ids import new_id
from argosy.core.recommend import Change, Event, Heard, Item, Recommendation, Shown, Wish
from argosy.infer.engines.embed import open_embedder
from argosy.infer.folder import told
from argosy.project.recommending import forgetting, taking
from argosy.project.recommending.figures import figures
from argosy.project.recommending.trials import Trial, read_trial
from argosy.project.selling.shop import Shop
from argosy.project.supporting.live import store_of
from argosy.project.watching.rounds import now
from argosy.recommend import folder as kept_folder
from argosy.recommend.live.recommender import Recommender
from argosy.recommend.live.state import Meaning, State
from argosy.recommend.ranking.rules import Rules
from argosy.store.database import Database
from argosy.store.recommend.log import SqlRecommendLog

ENCODER = "encoder"
FIRST = "first"
"""The arm of the project's own model."""
_READ = 10_000  # changes at once
_SEARCHED = 2_000  # items whose titles have the words, at most


@dataclass(slots=True, eq=False, kw_only=True)
class Ranker:
    """A model that makes lists: its state, and the version that lists name."""

    maker: Recommender
    version: str

    @property
    def state(self) -> State:
        """What it knows."""
        return self.maker.state


@dataclass(slots=True, eq=False, kw_only=True)
class LiveRecommendations:
    """The recommender of a project; threads may share it. Times are microseconds since the epoch."""

    home: Shop
    name: str
    log: SqlRecommendLog
    database: Database
    own: Ranker
    opened: Callable[[Path], Ranker]
    clock: Callable[[], int] = now
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    told: Callable[[], None] = lambda: None
    _rivals: dict[str, Ranker] = field(default_factory=dict)
    _following: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of events, those that tell most of a taste first."""
        weights = self.own.state.meaning.weights
        return sorted(weights, key=lambda kind: -weights[kind])

    def recommend(self, wish: Wish) -> Recommendation:
        """A list, kept with its chances before it is given away."""
        made = self.made(wish)
        self.log.show([made]).result()
        return made

    def made(self, wish: Wish) -> Recommendation:
        """A list of which nothing is kept."""
        at, (arm, ranker) = self.clock(), self._of(wish.user)
        return Recommendation(
            id=f"rec_{new_id()}",
            user=wish.user,
            at=at,
            items=self._listed(ranker, wish, at),
            arm=arm,
            version=ranker.version,
            context=wish.context,
        )

    def hear(self, events: Sequence[Event]) -> Heard:
        """Keep what users did; this process knows it when this returns."""
        heard = self.log.hear(events).result()
        self.follow()
        return heard

    def put(self, items: Sequence[Item]) -> int:
        """Add or change items."""
        changed = self.log.put(items).result()
        self.follow()
        return changed

    def remove(self, items: Sequence[str]) -> int:
        """Show these no more."""
        removed = self.log.remove(items).result()
        self.follow()
        return removed

    def item(self, item: str) -> Item:
        """An item; raises MissingError where there is none."""
        state = self.own.state
        place = state.places.get(item)
        if place is None or state.standing.gone[place]:
            raise MissingError("There is no item {id!r}.", mend="It may have been removed.", id=item)
        return state.items[place]

    def search(self, text: str, most: int = 20) -> Sequence[Item]:
        """Items whose title has these words, the most popular first."""
        state, words = self.own.state, text.casefold().split()
        with state.lock:
            popular, gone = state.standing.popular(1), state.standing.gone
            there = [place for place in state.places.values() if not gone[place]]
            if words:
                there = [place for place in there if _has(state.items[place], words)][:_SEARCHED]
            best = sorted(there, key=lambda place: -popular[place])[:most]
            return [state.items[place] for place in best]

    def people(self, most: int = 50) -> Sequence[Mapping[str, Any]]:
        """Users of the last events."""
        return [{"user": user, "events": events, "last": last} for user, events, last in self.log.people(most)]

    def history(self, user: str, most: int = 50) -> Sequence[Event]:
        """What a user did, the newest first."""
        return list(reversed(self.log.history(user, most)))

    def forget(self, user: str, by: str) -> Mapping[str, int]:
        """Remove all of a user, here and from what the next build reads."""
        removed = forgetting.forget(self.home, self.log, user, by, self.clock())
        self.follow()
        return removed

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """What lists achieved."""
        return figures(self.log, self.clock(), days)

    def follow(self) -> None:
        """Take the changes of the log that are not known here yet, and let other machines know."""
        self.caught_up()
        self.told()

    def caught_up(self) -> None:
        """Take the changes of the log that are not known here yet."""
        with self._following:
            while changes := self.log.after(self.own.state.turn, _READ):
                self._apply(changes)

    def trial(self) -> Trial | None:
        """The trial that runs, if any."""
        return read_trial(self.home.folder)

    def _apply(self, changes: Sequence[Change]) -> None:
        for ranker in (self.own, *self._rivals.values()):
            ranker.state.apply(changes)

    def _of(self, user: str) -> tuple[str, Ranker]:
        """The model of a user: the project's own, unless a trial gives another one."""
        trial = self.trial()
        if trial is None or not user:
            return FIRST, self.own
        arm = trial.arms.of(user)
        return (arm, self._rival(trial)) if arm != FIRST else (FIRST, self.own)

    def _rival(self, trial: Trial) -> Ranker:
        with self._following:
            if trial.model not in self._rivals:
                rival = self.opened(Path(trial.model))
                while (behind := rival.state.turn) < self.own.state.turn:
                    rival.state.apply(self.log.after(behind, _READ))
                self._rivals[trial.model] = rival
            return self._rivals[trial.model]

    def _listed(self, ranker: Ranker, wish: Wish, at: int) -> tuple[Shown, ...]:
        return ranker.maker.lists(wish, at, self.rng)


def open_live(home: Shop, model: Path, database: Database, *, threads: int | None = None) -> LiveRecommendations:
    """The recommender in a folder over the log of its project, which takes the events of the last build first."""
    description = told(model)
    log = SqlRecommendLog(database, home.project.name, forgetting.keys_of(home).rows, now)

    def opened(place: Path) -> Ranker:
        return _ranker(home, place, log, threads)

    forgetting.forget_again(home.folder, log)
    taking.take_build(home.folder, log)
    live = LiveRecommendations(
        home=home, name=str(description["name"]), log=log, database=database, own=opened(model), opened=opened
    )
    live.caught_up()
    return live


@contextmanager
def live_of(home: Shop, model: Path) -> Iterator[LiveRecommendations]:
    """The recommender over the project's own store, for a verb: nothing runs beside it."""
    with store_of(home) as database:
        yield open_live(home, model, database)


def _ranker(home: Shop, model: Path, log: SqlRecommendLog, threads: int | None) -> Ranker:
    description, wish = told(model), home.project.recommend
    encoder = model / ENCODER
    rules = Rules(
        exclude=frozenset(wish.rules.exclude),
        boost=wish.rules.boost,
        caps=wish.rules.caps,
        diversity=wish.rules.diversity,
    )
    state = State(
        kept_folder.read(model),
        Meaning(weights=description["kinds"], wanted=frozenset(description["wanted"])),
        rules,
        reads=log.history,
        known_as=log.known_as,
        bots=wish.bots,
        embed=open_embedder(encoder, threads=threads).embed if encoder.is_dir() else None,
    )
    return Ranker(maker=Recommender(state=state, explore=wish.explore), version=str(description["version"]))


def _has(item: Item, words: Sequence[str]) -> bool:
    title = f"{item.title} {item.id}".casefold()
    return all(word in title for word in words)
