"""Surges of negative texts: how many false alarms are raised, how many surges are found, and how soon.

    python -m benchmarks.opinion.surges [--quick]

A hundred topics of about six negatives an hour for twelve weeks, negative binomial with a size of 5 and of 10 (variance
mean + mean² / size), two peaks a day that differ from topic to topic, quieter weekends. False alarms are those of calm
topics from the fifth week on, at a contract of one in 30 days of a topic. Surges last 24 hours and come about every two
weeks; one is found where an alarm fires within it, and the delay is counted to the end of the hour that fires. The
limits were found by simulating single laws, and nothing here was used for them.

The peers get the same counts: ``three_sigma`` alarms above mean + 3 standard deviations of the same hour of the week in
the four weeks before, ``ewma`` is a control chart (λ = 0.2, 3 standard deviations) on the same scores, both as
libraries have them by default, and ``service`` is how Argosy watches the signals of a service, at the same contract.
``standing`` says how many are false among the surges that stand after control of false discoveries at 20 %, with topics
that are independent and with topics that share an hour's luck.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.monitor.baseline import courses
from argosy.monitor.series import Series
from argosy.monitor.surges.series import DAY, HOUR, Counted
from argosy.monitor.surges.watch import Surge, surges

Floats = NDArray[np.float64]
Alarms = list[list[int]]
SEED, TOPICS, DAYS, LEARNED, LEVEL = 31, 100, 84, 28, 6.0
SIZES, TIMES, LASTS = (5.0, 10.0), (2.0, 3.0, 5.0), 24
CONTRACT, SHARE = 1.0, 0.2
_START = 19_996 * DAY  # a Monday
_WEEK, _SATURDAY, _SIGMA, _TOGETHER = 168, 5, 3, 0.15
_STARTS = _START + np.arange(DAYS * 24, dtype=np.int64) * HOUR


def main(topics: int, rounds: int) -> None:
    """Calm topics, topics with surges, and what stands."""
    told: dict[str, Any] = {name: {} for name in METHODS}
    for size in SIZES:
        calm: dict[str, list[float]] = {name: [] for name in METHODS}
        found: dict[str, dict[float, list[int | None]]] = {name: {times: [] for times in TIMES} for name in METHODS}
        for turn in range(rounds):
            rng = np.random.default_rng((SEED, int(size), turn))
            mean = world(rng, topics)
            for name, method in METHODS.items():
                calm[name].append(_false(method(drawn(rng, mean, size))))
            for times in TIMES:
                risen, begins = planted(rng, mean, times)
                counts = drawn(rng, risen, size)
                for name, method in METHODS.items():
                    found[name][times] += delays(method(counts), begins)
            note(f"size {size:g}, round {turn + 1} of {rounds}")
        for name in METHODS:
            told[name][f"{size:g}"] = _told(calm[name], found[name])
    tell(
        "surges",
        {
            "seed": SEED,
            "topics": topics,
            "rounds": rounds,
            "by": told,
            "off": {size: round(abs(one["false"] - 1), 3) for size, one in told["ours"].items()},
            "standing": {
                name: standing(np.random.default_rng((SEED, 99)), topics, luck, rounds)
                for name, luck in (("independent", 0.0), ("together", _TOGETHER))
            },
            "seconds_for_500": speed(),
        },
        packages=("numpy", "scipy"),
    )


def world(rng: np.random.Generator, topics: int) -> Floats:
    """The expected counts [topics, hours]: a peak in the morning and one in the evening, and quieter weekends."""
    hour, day = np.arange(DAYS * 24) % 24, np.arange(DAYS * 24) // 24 % 7
    morning, evening = rng.uniform(8, 11, (topics, 1)), rng.uniform(18, 21, (topics, 1))
    peaks = sum(
        height * np.exp(-(((hour - middle + 12) % 24 - 12) ** 2) / (2 * wide**2))
        for middle, height, wide in ((morning, 1.0, 2.5), (evening, rng.uniform(0.4, 1.2, (topics, 1)), 3.0))
    )
    course = (0.3 + peaks) * np.where(day >= _SATURDAY, rng.uniform(0.5, 1.0, (topics, 1)), 1.0)
    return np.asarray(course / course.mean(axis=1, keepdims=True) * LEVEL * rng.uniform(0.8, 1.25, (topics, 1)))


def drawn(rng: np.random.Generator, mean: Floats, size: float) -> Floats:
    """Negative binomial counts."""
    return rng.negative_binomial(size, size / (size + mean)).astype(float)


def planted(rng: np.random.Generator, mean: Floats, times: float) -> tuple[Floats, list[list[int]]]:
    """Counts that are so many times the expected for a day now and then, and the hours in which that begins."""
    risen, begins = mean.copy(), []
    for row in risen:
        own = []
        begin = LEARNED * 24 + int(rng.integers(0, 7 * 24))
        while begin + 2 * LASTS < len(row):
            row[begin : begin + LASTS] *= times
            own.append(begin)
            begin += int(rng.integers(11 * 24, 17 * 24))
        begins.append(own)
    return risen, begins


def ours(counts: Floats) -> Alarms:
    """As the opinion monitor watches."""
    return [[one.fired for one in own] for own in _surges(counts)]


def service(counts: Floats) -> Alarms:
    """As the signals of a service are watched; rises alone."""
    whole = np.ones(counts.shape[1])
    series = [
        Series(signal=str(at), slice="", starts=_STARTS, values=row, weights=whole, law="count")
        for at, row in enumerate(counts)
    ]
    found = courses(series, rate=CONTRACT / (30 * 24))
    return [[one.fired for one in course.episodes if one.size > 0] for course in found]


def three_sigma(counts: Floats) -> Alarms:
    """Above three standard deviations of the same hours of the weeks before."""
    return _crossings(_scores(counts) > _SIGMA)


def ewma(counts: Floats) -> Alarms:
    """A control chart on the same scores."""
    scores, part = np.nan_to_num(_scores(counts)), 0.2
    smooth, over = np.zeros(len(counts)), np.zeros(counts.shape, dtype=bool)
    for hour in range(counts.shape[1]):
        smooth = (1 - part) * smooth + part * scores[:, hour]
        over[:, hour] = smooth > _SIGMA * np.sqrt(part / (2 - part))
    return _crossings(over)


METHODS: Mapping[str, Callable[[Floats], Alarms]] = {
    "ours": ours,
    "three_sigma": three_sigma,
    "ewma": ewma,
    "service": service,
}


def delays(alarms: Alarms, begins: Sequence[Sequence[int]]) -> list[int | None]:
    """Hours from the begin of each surge to the end of the hour that fires; none where none does in it."""
    found: list[int | None] = []
    for fired, own in zip(alarms, begins, strict=True):
        for begin in own:
            hits = [hour - begin + 1 for hour in fired if begin <= hour < begin + LASTS]
            found.append(min(hits) if hits else None)
    return found


def standing(rng: np.random.Generator, topics: int, luck: float, rounds: int) -> dict[str, float]:
    """Of the surges that stand, the share that no planted one explains; a fifth of the topics have planted ones."""
    false = stood = all_false = fired = 0
    for _ in range(rounds):
        mean = world(rng, topics) * np.exp(luck * rng.standard_normal(DAYS * 24) - luck**2 / 2)
        risen, begins = planted(rng, mean, 3.0)
        risen[topics // 5 :], begins[topics // 5 :] = mean[topics // 5 :], [[] for _ in begins[topics // 5 :]]
        for own, planned in zip(_surges(drawn(rng, risen, SIZES[0])), begins, strict=True):
            late = [one for one in own if one.fired >= LEARNED * 24]
            wrong = [one for one in late if not any(begin <= one.fired < begin + LASTS for begin in planned)]
            fired, all_false = fired + len(late), all_false + len(wrong)
            stood, false = stood + sum(one.stands for one in late), false + sum(one.stands for one in wrong)
    return {
        "false": round(false / max(stood, 1), 3),
        "false_of_all": round(all_false / max(fired, 1), 3),
        "stood": stood,
    }


def speed() -> float:
    """Seconds for a look at 500 topics over twelve weeks."""
    rng = np.random.default_rng(SEED)
    counts = drawn(rng, world(rng, 500), SIZES[0])
    begun = time.perf_counter()
    _surges(counts)
    return round(time.perf_counter() - begun, 1)


def _surges(counts: Floats) -> list[Sequence[Surge]]:
    whole = np.ones(counts.shape[1])
    series = [Counted(name=str(at), starts=_STARTS, counts=row, exposure=whole) for at, row in enumerate(counts)]
    return [course.surges for course in surges(series, false_alarms=CONTRACT, false_share=SHARE)]


def _scores(counts: Floats) -> Floats:
    """Standard deviations from the mean of the same hours of the four weeks before."""
    scores = np.full(counts.shape, np.nan)
    for hour in range(4 * _WEEK, counts.shape[1]):
        past = counts[:, hour - 4 * _WEEK : hour : _WEEK]
        scores[:, hour] = (counts[:, hour] - past.mean(axis=1)) / np.maximum(past.std(axis=1, ddof=1), 1.0)
    return scores


def _crossings(over: NDArray[np.bool_]) -> Alarms:
    """The hours in which each series comes to be over."""
    return [np.flatnonzero(np.diff(row.astype(int), prepend=0) > 0).tolist() for row in over]


def _false(alarms: Alarms) -> float:
    """False alarms in 30 days of a topic, from the fifth week on."""
    return sum(hour >= LEARNED * 24 for own in alarms for hour in own) / len(alarms) / (DAYS - LEARNED) * 30


def _told(calm: list[float], found: Mapping[float, list[int | None]]) -> dict[str, Any]:
    surges_found = {
        f"{times:g}": {
            "found": round(float(np.mean([one is not None for one in hours])), 4),
            "delay": float(np.median([one for one in hours if one is not None])),
            "surges": len(hours),
        }
        for times, hours in found.items()
    }
    return {"false": round(float(np.mean(calm)), 3), "rounds": [round(one, 3) for one in calm], "times": surges_found}


if __name__ == "__main__":
    main(*((20, 1) if arguments(__doc__).quick else (TOPICS, 4)))
