"""The files that pages load: what is locked, and how they are sent."""

import gzip
import hashlib
import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery import gallery
from starlette.testclient import TestClient

from argosy.web import assets

LOCKED = tomllib.loads((assets.FOLDER / "assets.lock").read_text(encoding="utf-8"))
SENT = sorted(path.name for path in assets.FOLDER.iterdir() if path.suffix in assets.TYPES)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """Somebody who asks the gallery."""
    with TestClient(gallery()) as client:
        yield client


@pytest.mark.parametrize("name", LOCKED)
def test_what_others_have_made_is_what_is_locked(name: str) -> None:
    """Its bytes, its licence beside it, and from which package it came."""
    package = LOCKED[name]
    body = (assets.FOLDER / package["file"]).read_bytes()
    assert hashlib.sha256(body).hexdigest() == package["sha256"]
    assert package["integrity"].startswith("sha512-")
    assert package["version"].encode() in body
    assert "WARRANT" in (assets.FOLDER / package["licence_file"]).read_text(encoding="utf-8")


def test_every_script_is_ours_or_locked() -> None:
    """No file of somebody else's comes in without a line in the lock."""
    others = {package["file"] for package in LOCKED.values()}
    ours = {
        "argosy.css",
        "argosy.js",
        "argosy.svg",
        "charts.css",
        "opinion.css",
        "opinion.js",
        "recommend.css",
        "recommend.js",
        "support.js",
    }
    assert set(SENT) == others | ours


@pytest.mark.parametrize("name", SENT)
def test_a_file_is_kept_for_ever_under_its_digest(client: TestClient, name: str) -> None:
    """The address of a page's file changes with the file, so a browser need never ask again."""
    answer = client.get(assets.address(name), headers={"accept-encoding": "identity"})
    assert answer.content == (assets.FOLDER / name).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert hashlib.sha256(answer.content).hexdigest().startswith(assets.asset(name).digest)
    assert client.get(f"/assets/{name}?v=old").headers["cache-control"] == "no-cache"


def test_a_file_is_packed_for_who_can_unpack_it(client: TestClient) -> None:
    """On a slow line the script of 37 kB comes as 13."""
    with client.stream("GET", assets.address("htmx.min.js"), headers={"accept-encoding": "br, gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == (assets.FOLDER / "htmx.min.js").read_bytes()
    assert len(packed) < 16_000


@pytest.mark.parametrize("name", ["assets.lock", "htmx.LICENSE.txt", "..%2Fpage.py", "%2e%2e/page.py", "none.css", "."])
def test_nothing_else_is_sent(client: TestClient, name: str) -> None:
    """Neither what stands beside the files nor what lies outside their folder."""
    assert client.get(f"/assets/{name}").status_code == 404


def test_a_style_that_would_end_its_element_is_not_put_into_a_page() -> None:
    """What is put inside a page's own element must stay inside."""
    assert "--accent" in assets.inline("argosy.css")
    with pytest.raises(ValueError, match=r"htmx\.min\.js"):
        assets.inline("htmx.min.js")


def test_the_lock_is_what_its_script_writes() -> None:
    """Nobody edits a digest by hand: written anew from what it says, the file is the same."""
    spec = importlib.util.spec_from_file_location("assets", Path(__file__).parents[2] / "scripts" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script._told(LOCKED) == (assets.FOLDER / script.LOCK).read_text(encoding="utf-8")
    assert script.integrity(b"").startswith("sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg")
