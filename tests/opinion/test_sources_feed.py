"""Feeds and pages from a real site: what becomes a post, what comes again, and what is broken."""

from collections.abc import Iterator

import pytest
from feeding import Page, Site, Time, fetcher, rss, site

from argosy.core.errors import DataError, MachineError
from argosy.opinion.sources.feed import FeedSource
from argosy.opinion.sources.page import PageSource

pytest.importorskip("feedparser")
pytest.importorskip("trafilatura")
NOW = 1_795_000_000_000_000
MINUTE = 60_000_000
XML = "application/rss+xml"
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>新品</title>
<updated>2026-10-01T10:00:00+08:00</updated><author><name>李四</name></author><link href="/n/1"/>
<content type="html">&lt;p&gt;很好&amp;lt;3&lt;/p&gt;&lt;script&gt;bad()&lt;/script&gt;&lt;p&gt;真的&lt;/p&gt;</content>
<summary>短</summary></entry></feed>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><guid>1</guid><title>t</title><description>&e; &f; end</description></item>
</channel></rss>"""


@pytest.fixture
def shop() -> Iterator[Site]:
    """A site without pages."""
    with site() as started:
        yield started


def feed(shop: Site, body: bytes, **page: str) -> FeedSource:
    """A source of a feed at ``/feed``."""
    shop.pages["/feed"] = Page(body=body, **{"type": XML, **page})
    return FeedSource("press", shop.url + "/feed", fetcher(Time(), most=5_000_000), clock=lambda: NOW)


def page(shop: Site, body: bytes, **told: str) -> PageSource:
    """A source of a page at ``/page``."""
    shop.pages["/page"] = Page(body=body, **told)
    return PageSource("board", shop.url + "/page", fetcher(Time(), most=5_000_000), clock=lambda: NOW)


def test_entries_become_posts(shop: Site) -> None:
    """Key, title, author, address, time and what a reader sees of the contents."""
    (post,) = feed(shop, ATOM.encode(), type="application/atom+xml").poll({}, 10).posts

    assert (post.source, post.key, post.title, post.author) == ("press", "tag:1", "新品", "李四")
    assert post.text == "很好<3\n真的"
    assert post.url == shop.url + "/n/1"
    assert (post.at, post.received) == (1_790_820_000_000_000, NOW)


def test_a_feed_that_did_not_change_is_not_read_again(shop: Site) -> None:
    """The second look names the ETag and hears 304."""
    hears = feed(shop, rss({"guid": "urn:1", "description": "a"}), etag='"7"')
    first = hears.poll({}, 10)
    hears.kept(first)

    second = hears.poll(first.offsets, 10)

    assert ([p.key for p in first.posts], first.more) == (["urn:1"], False)
    assert (second.posts, second.offsets, second.more) == ([], {}, False)
    assert shop.asked[-1][1]["If-None-Match"] == '"7"'


def test_an_archive_that_comes_again_has_the_same_ids(shop: Site) -> None:
    """With or without an id, an entry is the same post each time."""
    items = [{"description": f"text {n}", "title": "t"} for n in range(3)] + [
        {"link": "http://a/1", "description": "x"}
    ]
    hears = feed(shop, rss(*items))
    first = hears.poll({}, 10)
    hears.kept(first)
    shop.pages["/feed"].body = rss({"guid": "urn:new", "description": "news"}, *items)

    second = hears.poll(first.offsets, 10)

    assert {post.id for post in second.posts} - {post.id for post in first.posts} == {second.posts[-1].id}
    assert len({post.id for post in second.posts}) == 5
    assert first.posts[0].key == "http://a/1"  # the oldest first


def test_what_is_given_and_not_kept_is_given_again(shop: Site) -> None:
    """The offset moves with the last entry alone, and the feed is fetched once."""
    hears = feed(shop, rss(*({"guid": f"urn:{n}", "description": "text"} for n in range(5))), etag='"1"')

    first, again = hears.poll({}, 2), hears.poll({}, 2)
    assert [p.key for p in first.posts] == [p.key for p in again.posts] == ["urn:4", "urn:3"]
    assert (first.more, first.offsets) == (True, {})
    hears.kept(again)
    middle = hears.poll({}, 2)
    hears.kept(middle)
    last = hears.poll({}, 2)

    assert [p.key for p in (*middle.posts, *last.posts)] == ["urn:2", "urn:1", "urn:0"]
    assert list(last.offsets) == [shop.url + "/feed"]
    assert shop.paths().count("/feed") == 1


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("Thu, 01 Oct 2026 02:00:00 GMT", 1_790_820_000_000_000),
        ("Thu, 01 Oct 2099 02:00:00 GMT", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
        ("soon", NOW),
        ("Wed, 18 Nov 2026 11:15:40 GMT", NOW + 9 * MINUTE),
    ],
)
def test_clocks_that_are_wrong(shop: Site, told: str, at: int) -> None:
    """A time that cannot be true is the time of hearing; a few minutes ahead are taken."""
    (post,) = feed(shop, rss({"guid": "urn:1", "description": "a", "pubDate": told})).poll({}, 10).posts
    assert abs(post.at - at) < MINUTE


def test_entries_without_text_are_refused(shop: Site) -> None:
    """A title alone is a text; nothing at all is none."""
    large = {"guid": "urn:0", "description": "x" * 1_000_001}
    batch = feed(shop, rss({"guid": "urn:1"}, {"guid": "urn:2", "title": "only this"}, large)).poll({}, 10)

    assert [(one.where, one.reason) for one in batch.refused] == [("urn:0", "too_large"), ("urn:1", "no_text")]
    assert [(post.title, post.text) for post in batch.posts] == [("only this", "only this")]


def test_an_xml_bomb_is_no_more_than_its_bytes(shop: Site) -> None:
    """Entities do not multiply, and name no file of this machine."""
    (post,) = feed(shop, BOMB.encode()).poll({}, 10).posts

    assert len(post.text) < 200
    assert "root:" not in post.text


def test_a_malformed_feed_gives_what_can_be_read(shop: Site) -> None:
    """An ampersand and a missing tag lose nothing that stands after them."""
    broken = rss({"guid": "urn:1", "description": "a & b"}, {"guid": "urn:2", "description": "<b>c"}).replace(
        b"</channel>", b""
    )
    assert {post.key for post in feed(shop, broken).poll({}, 10).posts} >= {"urn:2"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_encodings(shop: Site, encoding: str) -> None:
    """As the feed declares it, with a mark or without."""
    body = (
        rss({"guid": "1", "description": "物流很快，包装也好"}).decode().replace("utf-8", encoding.removesuffix("-sig"))
    )
    (post,) = feed(shop, body.encode(encoding)).poll({}, 10).posts
    assert post.text == "物流很快，包装也好"


def test_an_empty_feed_has_no_posts(shop: Site) -> None:
    """A feed may have no entries."""
    assert feed(shop, rss()).poll({}, 10).posts == []


@pytest.mark.parametrize("body", [b"", b"<html><body>404", bytes(range(256)) * 20])
def test_what_is_no_feed(shop: Site, body: bytes) -> None:
    """A page, noise and nothing are told from an empty feed."""
    with pytest.raises(DataError, match="no feed"):
        feed(shop, body, type="").poll({}, 10)


def test_a_source_that_is_away_comes_back(shop: Site) -> None:
    """The next look reads what the broken one did not."""
    hears = feed(shop, rss({"guid": "urn:1", "description": "a"}))
    good = shop.pages.pop("/feed")
    shop.pages["/feed"] = Page(status=502)
    with pytest.raises(MachineError):
        hears.poll({}, 10)

    shop.pages["/feed"] = good
    assert [post.key for post in hears.poll({}, 10).posts] == ["urn:1"]


def test_a_page_is_a_post_whenever_it_says_something_else(shop: Site) -> None:
    """The same text is the same post; another one is another post."""
    text = "<html><head><title>Notes</title></head><body><nav>Home</nav><main><p>{}</p></main></body></html>"
    reads = page(shop, text.format("The new model broke after a day, and nobody answers.").encode())

    first, same = reads.poll({}, 10), reads.poll({}, 10)
    shop.pages["/page"].body = text.format("The new model was mended within a day.").encode()
    other = reads.poll(first.offsets, 10)

    (post,) = first.posts
    assert (post.title, post.text) == ("Notes", "The new model broke after a day, and nobody answers.")
    assert (post.at, post.url) == (NOW, shop.url + "/page")
    assert post.id == same.posts[0].id != other.posts[0].id


def test_a_page_that_did_not_change_is_not_read_again(shop: Site) -> None:
    """304 is an empty batch."""
    reads = page(shop, b"<p>All is well in the shop today.</p>", etag='"1"')
    first = reads.poll({}, 10)
    reads.kept(first)
    assert reads.poll(first.offsets, 10).posts == ()


def test_pages_in_the_encoding_of_the_server_or_their_own(shop: Site) -> None:
    """By the header, by the page, and where the header names nonsense."""
    text = "<p>物流很快，包装也好，下次还来。</p>"
    by_server = page(shop, text.encode("gb18030"), type="text/html; charset=gbk").poll({}, 1)
    by_page = page(shop, ("<meta charset=gb2312>" + text).encode("gb18030"), type="text/html").poll({}, 1)
    nonsense = page(shop, text.encode(), type="text/html; charset=nonsense").poll({}, 1)
    for batch in (by_server, by_page, nonsense):
        assert batch.posts[0].text == "物流很快，包装也好，下次还来。"


def test_a_page_without_text_is_refused(shop: Site) -> None:
    """A script shows no text."""
    assert [one.reason for one in page(shop, b"<script>x</script>").poll({}, 1).refused] == ["no_text"]
