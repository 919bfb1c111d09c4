"""A stream of Redis, which several workers share by a consumer group (redis.io/docs/data-types/streams).

Redis keeps which entries were given to whom until they are acknowledged, so there are no offsets here. What this
process was given and did not keep comes first again; then what was given to another one a minute ago, which most
likely died; then what is new. The log counts each entry once, however often it is given.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from argosy.core.errors import MachineError, ProjectError
from argosy.core.opinion import Batch, Post, Refused
from argosy.opinion.sources.fields import Fields, now
from argosy.opinion.sources.packages import package

_FIELDS = Fields()
_WAIT = 1.0  # seconds for new ones
_SECONDS = 5.0  # for an answer
_YEAR_2000 = 946_684_800_000  # milliseconds; an entry's id that begins with less was given by hand, and is no time
Entry = tuple[bytes, Mapping[bytes, bytes] | None]


class RedisStream:
    """The entries of a stream, one post each; ``group`` is made where it is not there, and begins at the first entry.

    An entry's id is its key where it has no field ``key``, and its time where it has no field ``time``.
    What another worker was given and has not kept for ``idle`` seconds is taken over.
    """

    def __init__(
        self,
        name: str,
        url: str,
        stream: str,
        *,
        group: str = "argosy",
        fields: Fields = _FIELDS,
        idle: float = 60.0,
        clock: Callable[[], int] = now,
    ) -> None:
        self._redis = package("redis")
        self._name, self._stream, self._group, self._clock = name, stream, group, clock
        self._fields = fields
        self._idle = idle
        self._me = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._behind = False  # whether entries may be mine that I did not keep
        self._unkept: Sequence[bytes] = ()
        self._look, self._cursor = 0.0, "0-0"  # when to look for those of the dead, and from which entry on
        never = package("redis.retry").Retry(package("redis.backoff").NoBackoff(), 0)  # who takes the posts tries again
        try:
            self._client = self._redis.Redis.from_url(
                url, retry=never, socket_timeout=_WAIT + _SECONDS, socket_connect_timeout=_SECONDS
            )
        except ValueError as error:
            raise ProjectError(
                "This is no address of a Redis.", where=name, mend="Write it as redis://host:6379/0"
            ) from error

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:  # noqa: ARG002 - the group keeps them
        """The next entries that this group has not kept."""
        self._behind = self._behind or bool(self._unkept)
        with self._reached():
            try:
                entries, more = self._next(most)
            except self._redis.ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                self._begin()  # the stream is new, or Redis lost it
                entries, more = self._next(most)
        self._unkept = [id_ for id_, _ in entries]
        found = [self._post(id_, told) for id_, told in entries if told]  # without a field: deleted meanwhile
        return Batch(
            posts=[one for one in found if isinstance(one, Post)],
            refused=[one for one in found if isinstance(one, Refused)],
            more=more,
            token=self._unkept,
        )

    def kept(self, batch: Batch) -> None:
        """Acknowledge its entries."""
        if batch.token:
            with self._reached():
                self._client.xack(self._stream, self._group, *batch.token)
        self._unkept = ()

    def close(self) -> None:
        """Let go of the connection; the group forgets a worker that kept all that it was given."""
        try:
            owed = self._client.xpending_range(self._stream, self._group, "-", "+", 1, self._me)
            if not owed:  # else its entries would be lost with it
                self._client.xgroup_delconsumer(self._stream, self._group, self._me)
        except self._redis.RedisError:
            return  # it is not reached, and keeps an idle name
        finally:
            self._client.close()

    def _next(self, most: int) -> tuple[Sequence[Entry], bool]:
        """Entries, and whether others wait."""
        if self._behind:
            mine = self._read("0", most)
            self._behind = len(mine) == most
            if mine:
                return mine, True
        if time.monotonic() >= self._look:
            taken = self._taken_over(most)
            if taken:
                return taken, True
        new = self._read(">", most)
        return new, len(new) == most

    def _read(self, after: str, most: int) -> Sequence[Entry]:
        """Entries of mine (``0``), or new ones (``>``), which are waited for."""
        wait = max(1, round(_WAIT * 1000)) if after == ">" else None  # 0 would wait for ever
        said = self._client.xreadgroup(self._group, self._me, {self._stream: after}, count=most, block=wait)
        return said[0][1] if said else ()

    def _taken_over(self, most: int) -> Sequence[Entry]:
        """Entries of workers that most likely died."""
        idle = round(self._idle * 1000)
        cursor, found, *_ = self._client.xautoclaim(
            self._stream, self._group, self._me, idle, start_id=self._cursor, count=most
        )
        self._cursor = cursor.decode()
        if self._cursor == "0-0":  # all were looked at
            self._look = time.monotonic() + self._idle
        return [entry for entry in found if entry[0] is not None]

    def _begin(self) -> None:
        try:
            self._client.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except self._redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another worker made it just now
                raise

    def _post(self, id_: bytes, told: Mapping[bytes, bytes]) -> Post | Refused:
        received, key = self._clock(), id_.decode()
        try:
            record = {name.decode(): value.decode() for name, value in told.items()}
        except UnicodeDecodeError:
            return Refused(source=self._name, where=key, reason="not_text")
        milliseconds = int(key.partition("-")[0])
        at = milliseconds * 1000 if milliseconds >= _YEAR_2000 else received
        return self._fields.post(self._name, record, key=key, at=at, received=received)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Whatever happens on the way to Redis as an error that can be acted on."""
        try:
            yield
        except self._redis.RedisError as error:
            self._behind = True  # entries may be mine whose names did not arrive
            raise _unreachable(self._name, error) from error


def _unreachable(name: str, error: Any) -> MachineError:
    return MachineError(
        "The Redis stream cannot be read: {reason}",
        where=name,
        mend="It is tried again; see that Redis runs, and that its address and password are right.",
        reason=" ".join(str(error).split()) or type(error).__name__,
    )
