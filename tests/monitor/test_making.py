"""Series from tallies: each survives missing days, a clock that jumps, and a tenant that floods."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pytest

from argosy.core.signals import SLOT, Tally
from argosy.monitor.making import HOUR, Periods, Traffic, counted, series_of
from argosy.monitor.parts import by_tenant
from argosy.monitor.series import Series

PERIODS = Periods(start=1_000 * 24 * HOUR, every=HOUR, count=48)


def tally(at: int, counts: Mapping[str, int], *, tenant: str = "a", version: str = "1", slot: int = 0) -> Tally:
    """What one worker counted in a slot of a period."""
    start = PERIODS.start + at * HOUR + slot * SLOT
    name = f"{start} {tenant} {version} {len(counts)}"
    return Tally(
        id=name, model="mood", version=version, tenant=tenant, host="h", start=start, at=start + SLOT, counts=counts
    )


def alive(at: int, seconds: int = 600, *, host: str = "h", slots: int = 6) -> list[Tally]:
    """A worker's signs of life in a period."""
    starts = [PERIODS.start + at * HOUR + slot * SLOT for slot in range(slots)]
    blank = {"model": "", "version": "", "tenant": "", "host": host}
    return [
        Tally(id=f"{host}{start}", start=start, at=start + SLOT, counts={"up": seconds}, **blank) for start in starts
    ]


def read(tallies: Iterable[Tally], champions: Sequence[tuple[int, str]] = ()) -> Traffic:
    """Tallies as a log gives them: in the order of their slots."""
    return counted(sorted(tallies, key=lambda tally: tally.start), PERIODS, lambda _: champions)


def made(
    *tallies: Tally, champions: Sequence[tuple[int, str]] = (), per_hour: float = 0.0
) -> dict[tuple[str, str], Series]:
    """The series by signal and slice."""
    found = series_of(read(tallies, champions), "mood", per_hour=per_hour)
    return {(one.signal, one.slice): one for one in found}


def test_a_period_without_a_request_is_zero_and_one_without_a_sign_of_life_is_missing() -> None:
    """Nobody asked is not the same as nobody was there to answer."""
    traffic = made(*alive(0), *alive(1), tally(0, {"requests": 30}))["traffic", ""]
    assert traffic.values[0] == 30
    assert traffic.values[1] == 0
    assert math.isnan(traffic.values[2])
    assert traffic.weights[2] == 0


def test_traffic_of_a_part_of_a_period_is_that_of_the_whole_and_too_small_a_part_is_missing() -> None:
    """Up for 40 of 60 minutes counts as such; up for 20 says nothing of the hour."""
    traffic = made(*alive(0, slots=4), tally(0, {"requests": 20}), *alive(1, slots=2), tally(1, {"requests": 9}))
    found = traffic["traffic", ""]
    assert found.values[0] == pytest.approx(30)
    assert found.weights[0] == pytest.approx(4 / 6)
    assert math.isnan(found.values[1])


def test_a_period_in_which_the_clock_jumped_is_missing_from_every_signal() -> None:
    """What was counted under a wrong time is not looked at."""
    jump = tally(1, {"requests": 5, "errors": 5, "texts": 5, "jumps": 1, "latency:8": 5})
    for one in made(*alive(0), *alive(1), tally(0, {"requests": 5, "texts": 5}), jump).values():
        assert math.isnan(one.values[1])


def test_shares_means_and_quantiles_follow_from_counts() -> None:
    """Each signal in its unit."""
    counts = {"requests": 10, "errors": 1, "refused": 2, "texts": 20, "hits": 5, "abstained": 4, "read": 20}
    bins = {"latency:8": 9, "latency:24": 1, "confidence:19": 10, "confidence:9": 10, "length:6": 20}
    names = {"label:good": 15, "label:bad": 5, "language:zh": 5, "language:en": 15, "pieces": 100, "unknown": 2}
    found = made(*alive(0), tally(0, {**counts, **bins, **names}), per_hour=0.5)
    first = {key: float(one.values[0]) for key, one in found.items()}
    assert first["errors", ""] == pytest.approx(0.1)
    assert first["refused", ""] == pytest.approx(0.2)
    assert first["texts_per_request", ""] == pytest.approx(2)
    assert first["hits", ""] == pytest.approx(0.25)
    assert first["abstained", ""] == pytest.approx(0.2)
    assert first["confidence", ""] == pytest.approx((0.975 + 0.475) / 2)
    assert first["length", ""] == pytest.approx(3.25)
    assert first["label", "label=bad"] == pytest.approx(0.25)
    assert ("label", "label=good") not in found  # the share of the other says it
    assert first["language", "language=en"] == pytest.approx(0.75)
    assert first["unknown", ""] == pytest.approx(0.02)
    assert 4 <= first["latency_p50", ""] < 2**2.25
    assert 64 <= first["latency_p95", ""] < 2**6.25
    assert first["cost", ""] == pytest.approx(50)  # half a unit an hour over ten requests


def test_idle_hosts_cost_and_workers_of_one_host_cost_once() -> None:
    """Two hosts are two machines, two workers of one are not."""
    workers = [*alive(0), *(t_ for t_ in alive(0, host="i"))]
    second = [Tally(**{**{name: getattr(one, name) for name in one.__slots__}, "id": f"2{one.id}"}) for one in alive(0)]
    cost = made(*workers, *second, tally(0, {"requests": 1000}), per_hour=1.0)["cost", ""]
    assert cost.values[0] == pytest.approx(2)


def test_frequent_labels_have_a_series_each_and_the_rest_share_one() -> None:
    """However many labels there are, the number of series is bounded."""
    found = made(*alive(0), tally(0, {f"label:l{at:02}": 100 - at for at in range(30)}))
    shares = {key[1]: one.values[0] for key, one in found.items() if key[0] == "label"}
    assert len(shares) == 8
    assert sum(shares.values()) == pytest.approx(1)


def flood() -> list[Tally]:
    """Two days of two tenants; one asks a hundredfold in the last two hours, of something else."""
    tallies = []
    for at in range(48):
        tallies += alive(at)
        tallies.append(tally(at, {"requests": 20, "label:good": 10, "label:bad": 10, "read": 20, "length:6": 20}))
        many = 2_000 if at >= 46 else 20
        counts = {"label:bad": many, "length:14": many} if at >= 46 else {"label:good": 10, "label:bad": 10}
        tallies.append(tally(at, {"requests": many, **counts}, tenant="b"))
    return tallies


def test_a_tenant_that_floods_is_seen_in_traffic_by_its_name_and_nowhere_else() -> None:
    """The flood is its own news; labels and lengths of the others stay what they were."""
    tallies = flood()
    assert list(read(tallies).models["mood"].apart) == ["b"]
    found = made(*tallies)
    assert found["traffic", "tenant=b"].values[47] == 2_000
    assert found["label", "label=bad"].values[47] == pytest.approx(0.5)
    assert found["length", ""].values[47] == pytest.approx(3.25)


def test_nobody_floods_who_is_the_only_tenant_or_asks_as_usual() -> None:
    """Without others there is nobody to protect; a large tenant that is always large is the traffic."""
    tallies = flood()
    assert not read(one for one in tallies if one.tenant in {"", "b"}).models["mood"].apart
    assert not read(one for one in tallies if one.start < PERIODS.start + 46 * HOUR).models["mood"].apart


def test_answers_are_those_of_the_champion_of_the_time_and_a_period_of_change_is_missing() -> None:
    """A canary's answers, and an hour that two champions share, say nothing of either."""
    since = [(PERIODS.start - 1, "1"), (PERIODS.start + HOUR + HOUR // 2, "2")]
    tallies = [one for at in range(3) for one in alive(at)]
    for at in range(3):
        tallies.append(tally(at, {"requests": 1, "confidence:0": 1}, version="1"))
        tallies.append(tally(at, {"requests": 1, "confidence:19": 1}, version="2"))
    found = made(*tallies, champions=since)
    assert found["traffic", ""].values[0] == 2
    assert found["confidence", ""].values[0] == pytest.approx(0.025)
    assert np.isnan(found["confidence", ""].values[1])
    assert found["confidence", ""].values[2] == pytest.approx(0.975)


def test_a_label_that_a_new_champion_brought_is_watched_from_it_on() -> None:
    """That the one before never gave it is no usual course; a label that turns up under one champion has been 0."""
    usual = {"requests": 10, "texts": 10, "label:good": 6, "label:bad": 4}
    more = {**usual, "label:tax": 3}
    hours = [one for at in range(12) for one in alive(at)]
    told = [tally(at, usual if at < 8 else more, version="1" if at < 4 else "2") for at in range(12)]
    since = PERIODS.start + 4 * HOUR
    brought = made(*hours, *told, champions=[(0, "1"), (since, "2")])["label", "label=tax"]
    assert np.isnan(brought.values[:4]).all()
    assert brought.values[4:8].tolist() == [0, 0, 0, 0]
    assert brought.values[8] > 0
    late = made(*hours, *told[4:], champions=[(0, "2")])["label", "label=tax"]
    assert late.values[4:8].tolist() == [0, 0, 0, 0]


def test_a_change_is_shared_out_among_the_tenants_whose_it_is() -> None:
    """Who floods has all of a rise in traffic, and of the label that only he got."""
    tallies = [one for one in flood() if one.model]
    found = {(one.signal, one.slice): one for one in series_of(read(tallies), "mood")}
    change = PERIODS.start + 46 * HOUR

    def shares(*key: str) -> dict[str, float]:
        before, during = ([one for one in tallies if (one.start < change) == early] for early in (True, False))
        return by_tenant(before, during, found[key[0], key[1]], (46, 2))

    assert shares("traffic", "") == {"tenant=b": 1.0, "tenant=a": 0.0}
    of_label = shares("label", "label=bad")
    assert next(iter(of_label)) == "tenant=b"
    assert sum(of_label.values()) == pytest.approx(1)
    assert shares("cost", "") == {}
