"""Posts that another program sends: all of them or none, and where the first mistake is."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.opinion.sources.clock import published
from argosy.opinion.sources.fields import Fields
from argosy.opinion.sources.posted import posted

NOW = 1_795_000_000_000_000


def read(told: Any, **settings: Any) -> Any:
    """The posts of a body."""
    return posted("hook", json.dumps(told).encode(), received=NOW, **settings)


def test_one_post_or_a_list() -> None:
    """Both forms give the same posts."""
    told = {"text": "好", "id": 7, "time": "2026-10-01T10:00:00+08:00", "author": "a", "title": "t", "url": "u"}
    (one,) = read(told)
    assert (one.text, one.key, one.at, one.author, one.title, one.url) == (
        "好",
        "7",
        1_790_820_000_000_000,
        "a",
        "t",
        "u",
    )
    assert read([told]) == [one]
    assert read([]) == []


def test_other_names_of_fields() -> None:
    """The project names the fields."""
    (one,) = read(
        {"body": "好", "guid": "g", "when": 1_790_820_000}, fields=Fields(text="body", key="guid", time="when")
    )
    assert (one.text, one.key, one.at) == ("好", "g", 1_790_820_000_000_000)


def test_a_post_without_an_id_is_the_same_when_it_is_sent_again() -> None:
    """Text and time tell it."""
    told = [{"text": "a"}, {"text": "a", "time": "2026-10-01"}, {"text": "b"}]
    assert [post.id for post in read(told)] == [post.id for post in read(told)]
    assert len({post.id for post in read(told)}) == 3
    assert {post.at for post in read({"text": "a"})} == {NOW}


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ([{"text": "a"}, {"id": 1}], "[1].text"),
        ({"text": " "}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": True}, "text"),
        ({"text": "a", "time": "soon"}, "time"),
        ({"text": "a", "id": {}}, "id"),
        ({"text": "a" * 1_000_001}, "text"),
        (["a"], "[0]"),
        ("a", ""),
        ([{"text": "a"}] * 1001, ""),
    ],
)
def test_mistakes_are_named(told: Any, where: str) -> None:
    """The first field that cannot be taken, with its place."""
    with pytest.raises(DataError) as raised:
        read(told)
    assert raised.value.where == where
    assert str(raised.value)


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists, max_leaves=5).map(json.dumps).map(str.encode)
)
def test_no_body_does_harm(body: bytes) -> None:
    """Whatever is sent is posts or a DataError."""
    with suppress(DataError):
        assert all(post.text for post in posted("hook", body))


@given(st.text(st.characters(), min_size=1), st.text(st.characters()))
def test_whatever_is_taken_can_be_kept(text: str, key: str) -> None:
    """No NUL and no half characters reach a database."""
    body = json.dumps([{"text": "x" + text, "id": key, "title": text}]).encode()
    (post,) = posted("hook", body, received=NOW)
    assert post.id
    assert "\0" not in (post.text + post.key + post.title).encode().decode()


def test_nested_without_end() -> None:
    """Lists in lists are no JSON here."""
    with pytest.raises(DataError, match="not JSON"):
        posted("hook", b"[" * 100_000)


@pytest.mark.parametrize(
    ("told", "at"),
    [(None, NOW), (0, NOW), (NOW - 1, NOW - 1), (NOW + 600_000_000, NOW + 600_000_000), (NOW + 600_000_001, NOW)],
)
def test_times_that_cannot_be_true(told: int | None, at: int) -> None:
    """Before 1990 and more than ten minutes ahead."""
    assert published(told, NOW) == at
