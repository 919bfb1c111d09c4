"""The screen of `argosy improve`: every verdict in a sentence with its numbers."""

from pathlib import Path
from typing import Any, get_args

import pytest

from argosy.config.file import parse
from argosy.monitor.verdict import Why
from argosy.project.improving.tries import Improvement
from argosy.project.selling.shop import Shop
from argosy.ui.verbs.improving.improve import lines, reason

FIGURE = {
    "rows": 70,
    "champion": 0.543,
    "challenger": 0.871,
    "difference": {"difference": 0.329, "low": 0.199, "high": 0.44, "p": 0.00001},
}
JUDGED: dict[str, Any] = {"metric": "accuracy", "margin": 0.03, "new": FIGURE, "old": {**FIGURE, "rows": 520}}
SHOP = Shop(
    project=parse({"name": "p", "languages": ["en"], "data": {"path": "r.csv"}, "base": {"model": "scratch"}}),
    folder=Path("shop"),
)


def tried(why: str, figures: dict[str, Any], *, judged: bool = True) -> Improvement:
    """A try with this end."""
    better = why == "better"
    return Improvement(
        number=3,
        at=0,
        model="p",
        champion={"version": 1, "digest": "a"},
        rows={"feedback": 216, "people": 24},
        dropped={"known": 8, "disputed": 4},
        rows_digest="",
        decision="promote" if better else "keep",
        why=why,
        figures=figures,
        judged=JUDGED if judged else None,
        looked={"old": 2, "new": 1},
        challenger={"version": 2, "digest": "b"} if better else None,
        rollout="rol_1" if better else None,
    )


@pytest.mark.parametrize("why", get_args(Why))
def test_every_verdict_is_told_with_both_figures_and_their_intervals(why: str) -> None:
    """And with the rows that would tell, where they are known."""
    said = "\n".join(lines(tried(why, {"needed": 1234, "slice": "label=login"}), SHOP))
    for figure in ("216", "24", "8", "70 rows", "520 rows", "+32.9 [+19.9, +44.0]"):
        assert figure in said
    assert ("label=login" in said) == (why == "worse_on_slice")
    assert ("release status" in said) == (why == "better")
    assert "1234" in said


@pytest.mark.parametrize(
    ("why", "figures", "told"),
    [
        ("too_few_rows", {"rows": 12, "needed": 50, "old": 60, "held_out": 3}, ("12", "50")),
        ("wrong_labels", {"suspects": 90, "rows": 120}, ("90", "120")),
        ("under_way", {"challenger": 4, "phase": "canary"}, ("4", "canary")),
        ("dry_run", {}, ()),
    ],
)
def test_what_ended_before_the_judging_says_why(why: str, figures: dict[str, Any], told: tuple[str, ...]) -> None:
    """Without figures of models that were never compared."""
    found = tried(why, figures, judged=False)
    assert all(word in reason(found) for word in told)
    assert "rows:" not in "\n".join(lines(found, SHOP))
