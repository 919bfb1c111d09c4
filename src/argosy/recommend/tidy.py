"""From the rows of two files to columns that models learn from, with what was left out and why."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from argosy.core.recommend import Item
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.reading import times

HOUR = 3_600_000_000
FEWEST = 200
"""Events in an hour below which nobody is a machine, unless that is said."""
_BEYOND = 20.0  # times the busiest hour of an ordinary user, from which a user is one
ORDINARY = 0.75
"""Of all users have no busier hour than an ordinary one: so up to a fifth may be machines."""
_ALONE = 50  # events in the busiest hour of an ordinary user, where there is nobody to compare with
_UNSAID = np.iinfo(np.int64).min
_AHEAD = 10 * 60 * 1_000_000  # clocks may be so far ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What kinds of events mean: their ``weights`` (1 unless said), and the ``wanted`` ones, which are predicted.

    Where none is wanted by name, those of the largest weight are. ``bots`` is the number of events of a user in an hour
    from which it is a machine; 0: twenty times the busiest hour that three users in four stay within, and 200 at least
    (1,000 for somebody alone). So up to a fifth of the users may be machines without hiding each other, and who does
    much over years is none.
    """

    weights: Mapping[str, float]
    wanted: Collection[str] = ()
    bots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What is learnt from; ``left_out`` counts events by reason, ``examples`` has a line of the file for each."""

    catalogue: Catalogue
    events: Interactions
    left_out: Mapping[str, int]
    examples: Mapping[str, str]


def catalogue_of(items: Sequence[Item]) -> Catalogue:
    """The items by position, in the order they are given."""
    words = {tag: place for place, tag in enumerate(dict.fromkeys(tag for item in items for tag in item.tags))}
    return Catalogue(
        ids=tuple(item.id for item in items),
        titles=tuple(item.title for item in items),
        texts=tuple(item.words for item in items),
        tags=tuple(tuple(words[tag] for tag in item.tags) for item in items),
        words=tuple(words),
        prices=np.array([np.nan if item.price is None else item.price for item in items], np.float32),
        added=np.array([_UNSAID if item.added is None else item.added for item in items], np.int64),
        gone=np.zeros(len(items), bool),
        places={item.id: place for place, item in enumerate(items)},
    )


def tidy(items: Sequence[Item], reused: Collection[str], rows: pl.DataFrame, meaning: Meaning, now: int) -> Tidied:
    """The events of ``rows`` (``user item kind time``, strings) that say something, in the order of time.

    Left out are those without user, item or a readable time, of items that are not there, of times after ``now``, from
    before an item of a ``reused`` id was added, said twice, and of machines.
    """
    catalogue = catalogue_of(items)
    left: dict[str, int] = {}
    examples: dict[str, str] = {}

    def without(frame: pl.DataFrame, lost: pl.Expr, reason: str) -> pl.DataFrame:
        gone = frame.filter(lost)
        if gone.height:
            left[reason] = left.get(reason, 0) + gone.height
            examples.setdefault(reason, ", ".join(str(cell) for cell in gone.row(0)[: len(rows.columns)]))
        return frame.filter(~lost)

    known = rows.with_columns(pl.col(name).str.strip_chars() for name in ("user", "item", "kind"))
    known = known.with_columns(times(known.get_column("time")).alias("at"))
    known = without(known, (pl.col("user").fill_null("") == "") | (pl.col("item").fill_null("") == ""), "nameless")
    known = without(known, pl.col("at").is_null(), "no_time")
    known = without(known, pl.col("at") > now + _AHEAD, "future")
    places = pl.DataFrame(
        {
            "item": catalogue.ids,
            "place": np.arange(len(catalogue), dtype=np.int32),
            "from": np.where([one in reused for one in catalogue.ids], catalogue.added, _UNSAID),
        },
        schema_overrides={"item": pl.String},
    )
    known = known.join(places, on="item", how="left", maintain_order="left")
    known = without(known, pl.col("place").is_null(), "unknown_item")
    known = without(known, pl.col("at") < pl.col("from"), "reused_id")
    known = without(known, ~pl.struct("user", "place", "kind", "at").is_first_distinct(), "twice")
    known = without(known, pl.col("user").is_in(_machines(known, meaning.bots).implode()), "machine")
    known = known.sort("at", "user", "item", "kind")
    return Tidied(
        catalogue=catalogue, events=_columns(known, meaning, len(catalogue)), left_out=left, examples=examples
    )


def machine_from(usual: float | None) -> int:
    """Events in an hour from which a user is a machine, by the busiest hour of an ordinary one; None: of nobody."""
    return int(max(FEWEST, _BEYOND * (usual or _ALONE)))


def _machines(known: pl.DataFrame, limit: int) -> pl.Series:
    """Users whose busiest hour is beyond the limit, or far beyond that of ordinary users."""
    hours = known.group_by("user", (pl.col("at") // HOUR).alias("hour")).len()
    busiest = hours.group_by("user").agg(pl.col("len").max())
    if not limit:
        usual = busiest.get_column("len").quantile(ORDINARY, "lower") if busiest.height > 1 else None
        limit = machine_from(usual)
    return busiest.filter(pl.col("len") >= limit).get_column("user")


def _columns(known: pl.DataFrame, meaning: Meaning, size: int) -> Interactions:
    people = known.get_column("user").unique().sort()
    kinds = known.get_column("kind").unique().sort()
    numbered = known.select(
        pl.col("user").replace_strict(people, np.arange(len(people)), return_dtype=pl.Int32).alias("user"),
        pl.col("kind").replace_strict(kinds, np.arange(len(kinds)), return_dtype=pl.Int8).alias("kind"),
        "place",
        "at",
    )
    names = tuple(kinds.to_list())
    weights = {name: float(meaning.weights.get(name, 1.0)) for name in names}
    largest = max(weights.values(), default=1.0)
    wanted = frozenset(meaning.wanted) & set(names) or {name for name in names if weights[name] == largest}
    return Interactions(
        users=numbered.get_column("user").to_numpy(),
        items=numbered.get_column("place").to_numpy().astype(np.int32),
        times=numbered.get_column("at").to_numpy(),
        kind=numbered.get_column("kind").to_numpy(),
        kinds=names,
        weights=weights,
        wanted=frozenset(wanted),
        people=tuple(people.to_list()),
        size=size,
    )
