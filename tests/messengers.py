"""The platforms of three messengers on the loopback, and the robots that ask them."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from argosy.serve.channels.parts import Channels, DingTalk, Feishu, WeCom

KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
WECOM: dict[str, Any] = {"corp": "ww1", "token": "tok", "key": KEY, "agent": 7, "secret": "corp-secret"}
DINGTALK: dict[str, Any] = {"secret": "ding-secret", "app": "ding-app", "robot": "ding-robot"}
FEISHU: dict[str, Any] = {"app": "cli_a", "secret": "app-secret", "key": "enc-key", "token": "ver-token"}


class Platform:
    """The interfaces of the platforms on the loopback: gives tokens, and keeps what is sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.fails = False
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def _answer(self, body: dict[str, Any]) -> None:
                head = {name.lower(): value for name, value in self.headers.items()}
                platform.calls.append((self.path, head, body))
                code = 40014 if platform.fails else 0
                told = {"code": code, "errcode": code, "access_token": "T", "expires_in": 7200}
                told |= {"accessToken": "T", "expireIn": 7200, "tenant_access_token": "T", "expire": 7200}
                sent = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def platforms() -> Iterator[Platform]:
    """The platforms' side, as long as the block runs."""
    found = Platform()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        found.server.shutdown()
        thread.join()
        found.server.server_close()


def bots(base: str) -> Channels:
    """All three robots, whose interfaces are at ``base``."""
    return Channels(
        wecom=WeCom(**WECOM, base=base), dingtalk=DingTalk(**DINGTALK, base=base), feishu=Feishu(**FEISHU, base=base)
    )
