"""What the lists of a recommender achieved: by day, by arm, and of what was shown to learn."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from argosy.evaluate.intervals import share
from argosy.store.recommend.log import SqlRecommendLog

_DAY = 86_400_000_000
_EXPLORING = "exploring"


def figures(log: SqlRecommendLog, now: int, days: int) -> Mapping[str, Any]:
    """See ``serve.gate.recommended``; a list was acted on where an event names it, and one of its items."""
    by_day: dict[str, Counter[str]] = {}
    by_arm: dict[str, Counter[str]] = {}
    explored: Counter[str] = Counter()
    for shown, led in log.lists(now - days * _DAY, now + 1):
        taken = {event.item for event in led}
        acted = any(one.item in taken for one in shown.items)
        day = f"{datetime.fromtimestamp(shown.at / 1_000_000, UTC):%Y-%m-%d}"
        for counts in (by_day.setdefault(day, Counter()), by_arm.setdefault(shown.arm, Counter())):
            counts.update(lists=1, clicked=int(acted))
        drawn = [one for one in shown.items if one.why == _EXPLORING]
        explored.update(places=len(drawn), clicked=sum(one.item in taken for one in drawn))
    return {
        "days": [{"day": day, **_told(counts)} for day, counts in sorted(by_day.items())],
        "arms": [{"arm": arm, **_told(counts)} for arm, counts in sorted(by_arm.items())],
        "explored": {"places": explored["places"], "clicked": explored["clicked"]},
    }


def _told(counts: Counter[str]) -> dict[str, Any]:
    lists, clicked = counts["lists"], counts["clicked"]
    found = share(clicked / lists, lists)
    return {"lists": lists, "clicked": clicked, "rate": found.value, "low": found.low, "high": found.high}
