"""What the stages of the rows found, as the record of every build of texts tells it."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from argosy.core.stage import Inputs
from argosy.stages.data import rows, split


def of_rows(inputs: Inputs) -> dict[str, Any]:
    """Rows read, kept and dropped by reason, how they were split, and what the data card tells of them."""
    dropped = rows.reasons(*(inputs[name] / rows.DROPPED for name in ("read", "clean", "dedupe", "split")))
    facts = json.loads((inputs["split"] / split.FACTS).read_text(encoding="utf-8"))
    kept = sum(facts["rows"].values())
    counts: Counter[str] = Counter()
    for part in facts["label_counts"].values():
        counts.update(part)
    card = ("languages", "association", "label_counts", "lengths", "groups", "times", "leaks", "in_order", "crossing")
    steps = facts["steps"]
    return {
        "read": kept + sum(dropped.values()),
        "kept": kept,
        "dropped": dropped,
        "splits": facts["rows"],
        "labels": dict(counts.most_common()),
        **{key: facts[key] for key in card},
        "redacted": _redacted(steps["read"]),
        "steps": {name: _step(steps[name]) for name in ("read", "clean", "dedupe")},
        "profile": facts.get("profile"),
    }


def _redacted(step: Mapping[str, Any]) -> dict[str, int]:
    """Finds of personal data by kind, over all files, most first."""
    found: Counter[str] = Counter()
    for role in step.values():
        found.update(role["redacted"])
    return dict(found.most_common())


def _step(step: Mapping[str, Any]) -> dict[str, int]:
    """Rows that a stage kept, over all files, and those it dropped."""
    dropped = sum(count for role in step.values() for count in role["dropped"].values())
    return {"kept": sum(role["kept"] for role in step.values()), "dropped": dropped}
