"""Whatever comes in whatever order, the counts are those of the distinct posts; two processes count each post once."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opinion_log_of_tests import NOON, id_of, open_log, opinion, take

from argosy.core.opinion import HOUR, SENTIMENTS, Correction, Opinion
from argosy.store.database import Database
from argosy.store.opinion.log import SqlOpinionLog

pytest.importorskip("duckdb", reason="the package duckdb is not installed")
ENTITIES = ("", "Meta", "腾讯")
TOPICS = ("rates", "fees")
Key = tuple[int, str, str, str]
SCRIPT = Path(__file__).with_name("taking_process.py")

posts = st.builds(
    lambda key, story, hour, felt, topic, about: opinion(
        key, f"story-{story} {key}", at=NOON + hour * HOUR // 2, felt=felt, topic=topic, about=about
    ),
    st.integers(0, 12),
    st.integers(0, 3),
    st.integers(-4, 4),
    st.sampled_from(SENTIMENTS),
    st.sampled_from(TOPICS),
    st.lists(
        st.tuples(st.sampled_from(ENTITIES[1:]), st.sampled_from(SENTIMENTS)),
        max_size=2,
        unique_by=lambda one: one[0],
    ),
)
corrections = st.builds(
    lambda key, felt, topic, entity: Correction(
        id=id_of(key), text="t", language="en", sentiment=felt, topic=topic, entity=entity, by="ann"
    ),
    st.integers(0, 12),
    st.sampled_from(("", *SENTIMENTS)),
    st.sampled_from(("", *TOPICS)),
    st.sampled_from(ENTITIES),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(st.lists(posts, max_size=6), corrections), max_size=8))
def test_counts_are_those_of_the_distinct_posts(database: Database, steps: Sequence[object]) -> None:
    """Batches with repeats, in any order of time, and corrections between them: a plain recount says the same."""
    with TemporaryDirectory() as folder:
        log = open_log(database, Path(folder), Path(folder).name)  # an empty one for each example
        seen: dict[str, Opinion] = {}
        first: set[str] = set()
        said: list[Correction] = []
        for step in steps:
            if isinstance(step, Correction):
                if step.id in seen:
                    said.append(step)
                    log.correct(step).result()
            elif isinstance(step, list):
                taken = take(log, *step)
                assert set(taken.new) == {one.post.id for one in step} - seen.keys()
                seen = {**{one.post.id: one for one in reversed(step)}, **seen}
                first |= taken.stories.keys()
        cells = log.cells(0, 2 * NOON)
        counted = {(one.start, one.topic, one.entity, one.sentiment): (one.stories, one.reach) for one in cells}
        assert counted == _recount(seen, first, said)
        assert all(one.weight == pytest.approx(one.stories) for one in cells)
        assert sum(story.reach for story in log.stories(0, 2 * NOON)) == len(seen)
        assert {one.id for one in log.between(0, 2 * NOON)} == seen.keys()


def _recount(seen: dict[str, Opinion], first: set[str], said: Sequence[Correction]) -> dict[Key, tuple[int, int]]:
    """What a count from the beginning gives: (stories, reach) of each hour, topic, entity and sentiment."""
    stories: Counter[Key] = Counter()
    reach: Counter[Key] = Counter()
    for name, one in seen.items():
        topic = next((word.topic for word in reversed(said) if word.id == name and word.topic), one.topic)
        felt = {"": one.sentiment, **{about.entity: about.sentiment for about in one.about}}
        felt |= {
            word.entity: word.sentiment for word in said if word.id == name and word.sentiment and word.entity in felt
        }
        for entity, sentiment in felt.items():
            key = (one.post.at // HOUR * HOUR, topic, entity, sentiment)
            reach[key] += 1
            stories[key] += name in first
    return {key: (stories[key], reach[key]) for key in reach}


def test_two_processes_take_each_post_once(database: Database, url: str, tmp_path: Path) -> None:
    """Both are given the same posts, in other orders and other batches: each counts once, with its story."""
    log = open_log(database, tmp_path / "log")
    crowd = [
        subprocess.Popen([sys.executable, SCRIPT, url, tmp_path / "log", str(seed)], stdout=subprocess.PIPE, text=True)
        for seed in (1, 2)
    ]
    new = [int(process.communicate(timeout=60)[0]) for process in crowd]
    assert [process.returncode for process in crowd] == [0, 0]
    assert sum(new) == 300
    _is_right(log)
    take(log, opinion(0))
    _is_right(log)


def _is_right(log: SqlOpinionLog) -> None:
    """Three hundred posts of thirty stories, each of them begun once."""
    cells = log.cells(0, 2 * NOON)
    assert (sum(cell.stories for cell in cells), sum(cell.reach for cell in cells)) == (30, 300)
    assert [story.reach for story in log.stories(0, 2 * NOON)] == [10] * 30
    kept = log.between(0, 2 * NOON)
    assert (len(kept), sum(one.first for one in kept), len({one.story for one in kept})) == (300, 30, 30)
    assert [replace(one, opinion=kept[0].opinion) for one in log.texts(kept[0].story)][-1].story == kept[0].story
