"""A real Redis on a Unix socket in a temporary folder, gone with the tests."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("redis-server")
WHY = "Redis is not installed (redis-server)"


@dataclass(slots=True)
class Server:
    """A server that listens on a socket in ``folder``; what it holds outlives ``stop`` where it is ``durable``."""

    folder: Path
    durable: bool
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"unix://{self.folder}/socket"

    def client(self) -> Any:
        """A client, which waits for nothing and tries nothing again."""
        import redis

        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        """Start it, again after ``stop``."""
        import redis
        from redis.backoff import ConstantBackoff
        from redis.retry import Retry

        keep = ["--appendonly", "yes", "--appendfsync", "always"] if self.durable else ["--appendonly", "no"]
        words = ["--port", "0", "--unixsocket", f"{self.folder}/socket", "--dir", str(self.folder), "--save", "", *keep]
        self.process = subprocess.Popen([str(PROGRAM), *words], stdout=subprocess.DEVNULL)
        patient = Retry(ConstantBackoff(0.02), 500, (redis.ConnectionError, redis.exceptions.BusyLoadingError))
        with redis.Redis.from_url(self.url, retry=patient) as client:
            client.ping()

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """A server that runs in the block."""
    folder = Path(tempfile.mkdtemp(prefix="argosy-redis-"))  # short: the name of a socket has 107 bytes at most
    started = Server(folder, durable)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)
