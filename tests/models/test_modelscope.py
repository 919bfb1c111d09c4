"""ModelScope's files arrive whole, go on after a break, and are asked for once."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from argosy.core.errors import MissingError
from argosy.models import modelscope, source

FILES = {
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": bytes(range(256)) * 40,
    "pytorch_model.bin": b"pickled",
    "README.md": b"---\nlicense: apache-2.0\n---\n",
    "tokenizer.json": b"{}",
    "picture.png": b"png",
}


class _Site(BaseHTTPRequestHandler):
    """Two addresses of the site; the first answer for the weights breaks off in the middle."""

    endpoint: str
    asked: list[tuple[str, str | None]]
    lie: bool

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/api/v1/models/owner/tiny/repo/files":
            self._send(json.dumps({"Code": 200, "Data": {"Files": [self._row(name) for name in FILES]}}).encode())
        elif address.path == "/api/v1/models/owner/tiny/repo":
            self._file(parse_qs(address.query)["FilePath"][0])
        else:
            self.send_error(404)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _row(self, name: str) -> dict[str, object]:
        digest = hashlib.sha256(b"other" if self.lie else FILES[name]).hexdigest()
        return {"Type": "blob", "Path": name, "Size": len(FILES[name]), "Sha256": digest}

    def _file(self, name: str) -> None:
        content, start = FILES[name], self.headers.get("Range")
        self.asked.append((name, start))
        if name == "model.safetensors" and start is None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:1000])
            return
        self._send(
            content[int(start.removeprefix("bytes=").rstrip("-")) :] if start else content, 206 if start else 200
        )

    def _send(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def site() -> Iterator[type[_Site]]:
    """A running site: ``endpoint``, what it was ``asked``, and whether its digests ``lie``."""
    handler: Any = type("Site", (_Site,), {"asked": [], "lie": False})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield handler
    server.shutdown()
    server.server_close()


def test_files_arrive_whole_after_a_break(site: type[_Site], tmp_path: Path) -> None:
    """The broken file is asked for from where it stopped; pickles and pictures are not asked for."""
    artifact = modelscope.download("owner/tiny", tmp_path, site.endpoint)
    found = {path.name: path.read_bytes() for path in artifact.path.iterdir() if path.name != "manifest.json"}
    assert found == {name: FILES[name] for name in FILES if not name.endswith((".bin", ".png"))}
    assert ("model.safetensors", "bytes=1000-") in site.asked


def test_a_second_time_asks_nothing(site: type[_Site], tmp_path: Path) -> None:
    """What is whole in the cache is used without the network."""
    first = modelscope.download("owner/tiny", tmp_path, site.endpoint)
    site.asked.clear()
    assert modelscope.download("owner/tiny", tmp_path, site.endpoint) == first
    assert site.asked == []


def test_another_digest_is_refused(site: type[_Site], tmp_path: Path) -> None:
    """Bytes that are not the listed ones never reach the cache."""
    site.lie = True
    with pytest.raises(MissingError, match="arrived damaged"):
        modelscope.download("owner/tiny", tmp_path, site.endpoint)
    assert not list(tmp_path.glob("modelscope-*"))


def test_a_wrong_name_is_told(site: type[_Site], tmp_path: Path) -> None:
    """A model that the site does not have is an error with the site's address."""
    with pytest.raises(MissingError, match="owner/none") as caught:
        modelscope.download("owner/none", tmp_path, site.endpoint)
    assert caught.value.where == site.endpoint


def test_the_scheme_leads_here(site: type[_Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``modelscope:owner/name`` is resolved with the card's licence and the site as origin."""
    monkeypatch.setattr(modelscope.download, "__defaults__", (site.endpoint,))
    base = source.resolve("modelscope:owner/tiny", tmp_path, tmp_path / "cache")
    assert (base.name, base.licence, base.origin[0].what) == ("modelscope:owner/tiny", "apache-2.0", "owner/tiny")
