"""The sources that a project file names, opened; and asked once, to see whether they are set up well."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from argosy.config.opinion import OpinionSource
from argosy.core.errors import ArgosyError
from argosy.core.opinion import Batch, Source
from argosy.opinion.sources.feed import FeedSource
from argosy.opinion.sources.fetch import Fetcher
from argosy.opinion.sources.fields import Fields
from argosy.opinion.sources.folder import FolderSource
from argosy.opinion.sources.kafka_topic import KafkaTopic
from argosy.opinion.sources.mail import MailSource
from argosy.opinion.sources.page import PageSource
from argosy.opinion.sources.redis_stream import RedisStream
from argosy.opinion.sources.wire import Limits
from argosy.project.selling.shop import Shop
from argosy.store.opinion.inbox import SqlInbox

POLLED = frozenset({"folder", "mail", "feed", "page"})
"""Kinds that one process at a time asks; streams share themselves out, and the inbox is the log's own."""
_SAMPLE = 200  # posts that a check takes
_FETCHERS = {own: Fetcher(limits=Limits(allow_local=own)) for own in (False, True)}
"""One for all of the public web, one for all of the own network: each knows when a host was asked last."""


def opened(home: Shop, inboxes: Mapping[str, SqlInbox]) -> list[Source]:
    """Every source; raises MissingError where a package is not installed, ProjectError for an address that is none."""
    wish = home.project.opinion.sources
    return [inboxes[name] if one.kind == "webhook" else _opened(name, one, home) for name, one in wish.items()]


def asked(home: Shop, inboxes: Mapping[str, SqlInbox]) -> list[dict[str, Any]]:
    """What each source gives when it is asked from its beginning, as JSON; nothing is kept, and no offset moves.

    Streams are not read, for what they give to one is not given to the next.
    """
    return [_asked(name, one, home, inboxes) for name, one in home.project.opinion.sources.items()]


def fields_of(source: OpinionSource) -> Fields:
    """What its columns are called."""
    return Fields(text=source.text, title=source.title, key=source.key, time=source.time, author=source.author)


def _opened(name: str, source: OpinionSource, home: Shop) -> Source:
    fields, folder, group = fields_of(source), home.folder.resolve(), source.group or home.project.name
    match source.kind:
        case "feed":
            return FeedSource(name, source.url, _FETCHERS[source.own_network])
        case "page":
            return PageSource(name, source.url, _FETCHERS[source.own_network])
        case "mail":
            return MailSource(name, folder / source.path)
        case "redis":
            return RedisStream(name, source.url, source.stream, group=group, fields=fields)
        case "kafka":
            return KafkaTopic(name, source.url, source.stream, group=group, fields=fields)
        case _:
            return FolderSource(name, folder / source.path, fields=fields)


def _asked(name: str, source: OpinionSource, home: Shop, inboxes: Mapping[str, SqlInbox]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "kind": source.kind, "reachable": True, "reason": ""}
    batch = Batch()
    try:
        found = inboxes[name] if source.kind == "webhook" else _opened(name, source, home)
        try:
            batch = found.poll({}, _SAMPLE) if source.kind in POLLED else batch
        finally:
            found.close()
    except ArgosyError as error:
        told |= {"reachable": False, "reason": " ".join(str(error).split())}
    return told | {
        "posts": len(batch.posts),
        "more": batch.more,
        "refused": dict(Counter(one.reason for one in batch.refused)),
        "sample": batch.posts[0].text if batch.posts else "",
    }
