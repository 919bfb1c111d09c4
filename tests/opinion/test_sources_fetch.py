"""A polite reader of the web: what it asks, what it refuses, and when it comes back."""

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import write_pair
from feeding import Page, Site, Time, fetcher, site

from argosy.core.errors import DataError, MachineError
from argosy.opinion.sources.fetch import Fetcher
from argosy.opinion.sources.robots import Robots
from argosy.opinion.sources.wire import Limits, _is_public, exchange

TYPES = ("html",)


@pytest.fixture
def shop() -> Iterator[Site]:
    """A site without pages."""
    with site() as started:
        yield started


@pytest.fixture
def time() -> Time:
    """A time that passes by waiting alone."""
    return Time()


def test_a_page_is_read_once_as_long_as_it_is_the_same(shop: Site, time: Time) -> None:
    """One look at robots.txt, then the page, then 304; always under its own name."""
    shop.pages["/a"] = Page(body=gzip.compress(b"<p>news"), etag='"1"', headers={"Content-Encoding": "gzip"})
    reads = fetcher(time)

    found = reads.get(shop.url + "/a", TYPES)

    assert found is not None
    assert (found.body, found.etag, found.type, found.charset) == (b"<p>news", '"1"', "text/html", "utf-8")
    assert reads.get(shop.url + "/a", TYPES, etag=found.etag) is None
    assert shop.paths() == ["/robots.txt", "/a", "/a"]
    assert all(headers["User-Agent"].startswith("Argosy/") for _, headers in shop.asked)


def test_robots_are_obeyed_and_read_again_the_next_day(shop: Site, time: Time) -> None:
    """What is forbidden is not asked for; the rules are kept for a day."""
    shop.pages["/robots.txt"] = Page(body=b"User-agent: *\nDisallow: /private", type="text/plain")
    shop.pages["/private/a"] = shop.pages["/b"] = Page(body=b"x")
    reads = fetcher(time)

    with pytest.raises(DataError, match=r"robots\.txt"):
        reads.get(shop.url + "/private/a", TYPES)
    assert reads.get(shop.url + "/b", TYPES)
    assert shop.paths() == ["/robots.txt", "/b"]

    shop.pages["/robots.txt"] = Page(status=404)
    time.wait(86_401)
    assert reads.get(shop.url + "/private/a", TYPES)


def test_robots_that_cannot_be_read_forbid_all(shop: Site, time: Time) -> None:
    """A broken server forbids, a refusal to show them allows (RFC 9309)."""
    shop.pages["/robots.txt"] = Page(status=500)
    shop.pages["/b"] = Page(body=b"x")
    reads = fetcher(time)

    with pytest.raises(MachineError, match="500"):
        reads.get(shop.url + "/b", TYPES)
    shop.pages["/robots.txt"] = Page(status=403)
    assert reads.get(shop.url + "/b", TYPES)


def test_a_host_is_visited_with_a_pause(shop: Site, time: Time) -> None:
    """The site's own delay counts, and one that is too long is not waited for."""
    shop.pages["/robots.txt"] = Page(body=b"User-agent: argosy\nCrawl-delay: 7", type="text/plain")
    shop.pages["/b"] = Page(body=b"x")
    reads = fetcher(time, pause=1)

    for _ in range(3):
        reads.get(shop.url + "/b", TYPES)
    assert time.waited == [7, 7]

    shop.pages["/robots.txt"].body = b"User-agent: argosy\nCrawl-delay: 3600"
    time.wait(86_400)
    reads.get(shop.url + "/b", TYPES)
    with pytest.raises(MachineError, match="3600"):
        reads.get(shop.url + "/b", TYPES)


def test_threads_share_the_pause(shop: Site) -> None:
    """Each gets a turn of its own."""
    shop.pages["/b"] = Page(body=b"x")
    waited: list[float] = []
    reads = Fetcher(limits=Limits(allow_local=True), pause=3, clock=lambda: 50.0, wait=waited.append)
    reads.get(shop.url + "/b", TYPES)

    threads = [threading.Thread(target=reads.get, args=(shop.url + "/b", TYPES)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(waited) == [3, 6, 9, 12]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_site_is_left_alone_as_long_as_it_asks(shop: Site, time: Time, status: int) -> None:
    """Nothing is sent until then."""
    shop.pages["/b"] = Page(status=status, headers={"Retry-After": "120"})
    reads = fetcher(time)

    with pytest.raises(MachineError, match="120"):
        reads.get(shop.url + "/b", TYPES)
    asked = len(shop.asked)
    time.wait(100)
    with pytest.raises(MachineError, match="20"):
        reads.get(shop.url + "/b", TYPES)
    assert len(shop.asked) == asked

    shop.pages["/b"] = Page(body=b"x")
    time.wait(21)
    assert reads.get(shop.url + "/b", TYPES)


def test_a_busy_site_that_asks_nothing_is_left_alone_longer_each_time(shop: Site, time: Time) -> None:
    """A minute, two, four."""
    shop.pages["/b"] = Page(status=503)
    reads = fetcher(time)

    for seconds in (60, 120, 240):
        with pytest.raises(MachineError, match=str(seconds)):
            reads.get(shop.url + "/b", TYPES)
        time.wait(seconds)


def test_a_large_page_is_refused_unread(shop: Site, time: Time) -> None:
    """By its announced length, by what comes, and by what is unpacked."""
    shop.pages["/told"] = Page(body=bytes(20_000_000))
    shop.pages["/endless"] = Page(endless=True)
    shop.pages["/bomb"] = Page(body=gzip.compress(bytes(20_000_000)), headers={"Content-Encoding": "gzip"})
    reads = fetcher(time)

    for path in ("/told", "/endless", "/bomb"):
        with pytest.raises(DataError, match="1,000,000"):
            reads.get(shop.url + path, TYPES)
    assert shop.sent < 1 << 26


def test_what_never_answers_is_cut_off(shop: Site, time: Time) -> None:
    """The connection is ended after the seconds that were given."""
    shop.pages["/b"] = Page(hangs=True)

    with pytest.raises(MachineError, match="too long"):
        fetcher(time, seconds=0.2).get(shop.url + "/b", TYPES)


def test_an_answer_that_breaks_off_is_none(shop: Site, time: Time) -> None:
    """Half a page is not taken for the page."""
    shop.pages["/b"] = Page(body=b"half", cut=100)
    shop.pages["/c"] = Page(body=gzip.compress(b"half of it")[:-9], headers={"Content-Encoding": "gzip"})
    shop.pages["/d"] = Page(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})

    for path in ("/b", "/c", "/d"):
        with pytest.raises(MachineError):
            fetcher(time, seconds=5).get(shop.url + path, TYPES)


def test_redirects_are_followed_and_end(shop: Site, time: Time) -> None:
    """Five at most, and only to addresses of the web."""
    shop.pages["/a"] = Page(status=301, headers={"Location": "/b"})
    shop.pages["/b"] = Page(body=b"x")
    shop.pages["/c"] = Page(status=302, headers={"Location": "/c"})
    shop.pages["/d"] = Page(status=302, headers={"Location": "file:///etc/passwd"})
    reads = fetcher(time)

    found = reads.get(shop.url + "/a", TYPES)
    assert found is not None
    assert found.url == shop.url + "/b"
    for path in ("/c", "/d"):
        with pytest.raises(DataError):
            reads.get(shop.url + path, TYPES)
    assert shop.paths().count("/c") <= 6


def test_the_own_network_is_not_read(shop: Site) -> None:
    """Whatever the name, nothing on this machine is asked."""
    shop.pages["/robots.txt"] = Page(body=b"")
    for url in (shop.url, shop.url.replace("127.0.0.1", "localhost"), "http://[::ffff:127.0.0.1]/", "http://0/"):
        with pytest.raises(DataError, match="private"):
            Fetcher().get(url, TYPES)
    assert shop.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "224.0.0.1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    """Private, local, shared among many, and those that hide in IPv6."""
    assert not _is_public(address)


def test_public_addresses() -> None:
    """Those of the web."""
    assert _is_public("93.184.216.34")
    assert _is_public("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "feed.xml", "http://", "http://[", "http://a:99999/", "file:///etc/passwd"]
)
def test_what_is_no_address(url: str) -> None:
    """Other schemes and broken addresses are refused before anything is sent."""
    with pytest.raises(DataError, match="no address"):
        exchange(url, {}, Limits())


def test_nothing_listens(time: Time) -> None:
    """An unreachable machine is told as such."""
    with pytest.raises(MachineError, match="cannot be read"):
        fetcher(time).get("http://127.0.0.1:1/feed", TYPES)


def test_a_server_must_prove_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: Time) -> None:
    """A certificate that nobody trusts is as good as none."""
    pair = write_pair(tmp_path / "tls", "shop")
    with site(pair) as shop:
        shop.pages["/b"] = Page(body=b"x")
        with pytest.raises(MachineError, match="certificate"):
            fetcher(time).get(shop.url + "/b", TYPES)
        monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
        assert fetcher(time).get(shop.url + "/b", TYPES)


def test_other_answers(shop: Site, time: Time) -> None:
    """A film, a page that is gone, a server that fails."""
    shop.pages["/film"] = Page(body=b"x", type="video/mp4")
    shop.pages["/gone"] = Page(status=410)
    shop.pages["/broken"] = Page(status=500)
    reads = fetcher(time)

    with pytest.raises(DataError, match="video/mp4"):
        reads.get(shop.url + "/film", TYPES)
    with pytest.raises(DataError, match="410"):
        reads.get(shop.url + "/gone", TYPES)
    with pytest.raises(MachineError, match="500"):
        reads.get(shop.url + "/broken", TYPES)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a\nDisallow: /a", "/a", True),
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /a*b*c", "/a1b2c3", False),
        ("Disallow: /a*b$", "/ab/b", False),
        ("Disallow: /%E6%96%B0", "/新闻", False),
        ("Disallow: /x?id=", "/x?id=1", False),
        ("Crawl-delay: soon\nDisallow: /b # why", "/b", False),
    ],
)
def test_rules_of_robots(rules: str, path: str, *, allowed: bool) -> None:
    """The longest rule decides; stars, ends and escapes are understood."""
    assert Robots.read(f"User-agent: *\n{rules}", "argosy").allows(path) is allowed


def test_robots_speak_to_programs_by_name() -> None:
    """A group of its own replaces that of all; nonsense allows, and stars without end are quick."""
    text = "User-agent: Bad\nUser-agent: Argosy/1.0\nDisallow: /a\nUser-agent: *\nDisallow: /\nCrawl-delay: 9"
    mine = Robots.read(text, "argosy")

    assert (mine.allows("/a"), mine.allows("/b"), mine.delay) == (False, True, 0)
    assert Robots.read(text, "other").delay == 9
    assert Robots.read("<html>not found</html>", "argosy").allows("/")
    assert not Robots.read("User-agent: *\nDisallow: /" + "*a" * 5000, "argosy").allows("/" + "a" * 9000)
