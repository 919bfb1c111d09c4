"""What the webhook took is kept until the log has it, each post once."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from opinion_log_of_tests import open_log, opinion, take

from argosy.core.opinion import Source
from argosy.store.database import Database
from argosy.store.opinion import inbox as inboxes
from argosy.store.opinion.inbox import SqlInbox


@pytest.fixture
def inbox(database: Database, monkeypatch: pytest.MonkeyPatch) -> SqlInbox:
    """An empty one that nobody waits for."""
    monkeypatch.setattr(inboxes, "_WAIT", 0)
    return SqlInbox(database, "mood", "hook")


def test_posts_wait_until_they_are_kept(inbox: SqlInbox, database: Database) -> None:
    """In their order, some at a time, again until they are kept, in another process too; each once."""
    posts = [replace(opinion(key, source="hook").post, again=key == 1, author="\0作者") for key in (3, 1, 2)]
    assert (inbox.name, inbox.put(posts[:2]), inbox.put([*posts, posts[2]]), inbox.put([])) == ("hook", 2, 1, 0)
    source: Source = SqlInbox(database, "mood", "hook")
    first = source.poll({}, 2)
    assert (list(first.posts), first.more, dict(first.offsets)) == (posts[:2], True, {})
    assert list(source.poll({}, 2).posts) == posts[:2]
    source.kept(first)
    last = inbox.poll({}, 2)
    assert (list(last.posts), last.more) == (posts[2:], False)
    source.kept(last)
    empty = inbox.poll({}, 2)
    assert (empty.posts, empty.more) == ([], False)
    source.kept(empty)


def test_what_the_log_has_is_not_new(inbox: SqlInbox, database: Database, tmp_path: Path) -> None:
    """A sender that repeats itself later is told so; others of the same key in another inbox are others."""
    one = opinion("k", source="hook")
    take(open_log(database, tmp_path), one, source="hook")
    assert inbox.put([one.post]) == 0
    assert inbox.poll({}, 9).posts == []
    other = SqlInbox(database, "mood", "other")
    assert other.put([opinion("k", source="other").post]) == 1
    assert inbox.poll({}, 9).posts == []


def test_a_poll_that_waits_hears_of_what_comes(database: Database) -> None:
    """It need not be asked again."""
    inbox = SqlInbox(database, "mood", "hook")
    waits = threading.Event()
    post = opinion(1, source="hook").post

    def put() -> None:
        waits.wait()
        inbox.put([post])

    sender = threading.Thread(target=put)
    sender.start()
    waits.set()
    found = []
    while not found:
        found = list(inbox.poll({}, 9).posts)
    sender.join()
    assert found == [post]
    inbox.close()
