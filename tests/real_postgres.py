"""A real PostgreSQL on a temporary folder: its own ``initdb``, on a Unix socket, gone with the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/pgsql")
_numbers = count(1)


def programs() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``; None where PostgreSQL is not installed."""
    found = [Path(where).parent for where in [shutil.which("initdb")] if where]
    for folder in _FOLDERS:
        found += [*sorted(Path(folder).glob("*/bin"), reverse=True), Path(folder, "bin")]
    return next((folder for folder in found if (folder / "pg_ctl").exists() and (folder / "initdb").exists()), None)


@dataclass(slots=True)
class Server:
    """A server that listens on a socket in ``folder``; ``templates`` are databases that others are copied from."""

    folder: Path
    programs: Path
    options: str
    templates: set[str] = field(default_factory=set)

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql+psycopg://argosy@/{name}?host={self.folder}"

    def start(self) -> None:
        """Start it, again after ``stop``."""
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", self.options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` breaks every connection, ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", how, "stop")

    def database(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        """Run a statement as the owner, outside of a transaction."""
        import psycopg

        with psycopg.connect(host=str(self.folder), user="argosy", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), *words]
        if os.getuid() == 0:  # which PostgreSQL refuses to run as
            command = ["runuser", "-u", _user(), "--", *command]
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)


@contextmanager
def server(*, durable: bool = False, found: Path | None = None) -> Iterator[Server]:
    """A server that runs in the block; ``durable`` with fsync, which takes longer; ``found`` are its programs."""
    found = found or programs()
    if found is None:
        raise FileNotFoundError
    folder = Path(tempfile.mkdtemp(prefix="argosy-pg-"))  # short: the name of a socket has 107 bytes at most
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync={'on' if durable else 'off'}"
    started = Server(folder, found, options)
    try:
        if os.getuid() == 0:
            shutil.chown(folder, _user())
        started._run("initdb", "-D", "data", "-U", "argosy", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        started.start()
        try:
            yield started
        finally:
            started.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    """Who may run it instead of root."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
