"""A trial: another model's lists before a share of the users. One file tells every process of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from argosy.config.places import find_model
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError
from argosy.infer.folder import is_recommender
from argosy.project.recommending.comparing import compare, design
from argosy.recommend.judging.arms import Arms, Counting, outcomes

if TYPE_CHECKING:
    from argosy.project.recommending.live import LiveRecommendations

FILE = ".argosy/recommend-trial.json"
FIRST, SECOND = "first", "second"
_BASE, _EFFECT = 0.1, 0.03  # share of lists that are acted on, and the difference to find, where nobody knows better
_MACHINE = 5_000  # events of a user in the trial, from which nobody is asked what they prefer


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A ``model`` (a folder) beside the project's own since ``begun``, for a ``share`` of the users."""

    model: str
    share: float
    salt: str
    begun: int

    @property
    def arms(self) -> Arms:
        """Who gets which."""
        return Arms(salt=self.salt, shares={FIRST: 1 - self.share, SECOND: self.share})


def read_trial(folder: Path) -> Trial | None:
    """The trial that runs in a project; None where none does."""
    place = folder / FILE
    try:
        return Trial(**json.loads(place.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def begin(live: "LiveRecommendations", model: Path, share: float) -> Trial:
    """Begin one; raises ProjectError where one runs, or the model is no recommender."""
    folder = live.home.folder
    if read_trial(folder) is not None:
        raise ProjectError("A trial runs already.", where=str(folder), mend="End it first: argosy recommend trial end")
    place = find_model(model).resolve()
    if not is_recommender(place):
        raise ProjectError(
            "This is no recommender.",
            where=str(model),
            mend="Name another project that was built, or a model's folder.",
        )
    live.opened(place)  # raises where it cannot serve
    made = Trial(model=str(place), share=share, salt=token_hex(8), begun=live.clock())
    write_atomically(folder / FILE, json.dumps(asdict(made)) + "\n")
    return made


def status(live: "LiveRecommendations") -> Mapping[str, Any]:
    """How it stands, as JSON; raises ProjectError where none runs."""
    trial = _running(live)
    at = live.clock()
    told = list(live.log.lists(trial.begun, at + 1))
    lists, events = [one for one, _ in told], [event for _, led in told for event in led]
    counts: dict[str, int] = {}
    for event in events:
        counts[event.user] = counts.get(event.user, 0) + 1
    machines = {user for user, count in counts.items() if count >= _MACHINE}
    shown = outcomes(lists, events, Counting(acted=frozenset(live.kinds)), now=at, machines=machines)
    standing = compare(shown, trial.arms, design(trial.arms, base=_BASE, effect=_EFFECT))[SECOND]
    return {"trial": asdict(trial), "lists": len(lists), **asdict(standing)}


def end(live: "LiveRecommendations") -> Trial:
    """End it: all users get the project's own model again; raises ProjectError where none runs."""
    trial = _running(live)
    (live.home.folder / FILE).unlink()
    return trial


def _running(live: "LiveRecommendations") -> Trial:
    trial = read_trial(live.home.folder)
    if trial is None:
        raise ProjectError(
            "No trial runs.", where=str(live.home.folder), mend="Begin one: argosy recommend trial begin MODEL"
        )
    return trial
