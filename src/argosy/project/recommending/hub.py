"""How a process learns that another one heard something: it asks the store several times a second, or Redis says so."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from argosy.core.errors import MissingError

error_log = logging.getLogger("argosy.error")
_PAUSE = 0.15  # seconds between two looks, with a hub or without one


class Hub:
    """Wakes who follows; without Redis by the clock alone."""

    def __init__(self, client: Any = None, channel: str = "") -> None:
        self._woken = threading.Event()
        self._client, self._channel = client, channel
        self._broken = False

    def wait(self) -> None:
        """Return when something may have changed, after a moment at the latest."""
        self._woken.wait(_PAUSE)
        self._woken.clear()

    def wake(self) -> None:
        """Let who waits go on."""
        self._woken.set()

    def tell(self) -> None:
        """Say to other machines that something changed; where Redis is down they see it a moment later."""
        if self._client is None:
            return
        try:
            self._client.publish(self._channel, b"1")
            self._broken = False
        except Exception as error:  # noqa: BLE001 - whatever the client raises: the store tells all the same
            if not self._broken:
                error_log.warning("recommend: the hub does not answer (%s); the store is asked", type(error).__name__)
            self._broken = True


@contextmanager
def open_hub(url: str, name: str) -> Iterator[Hub]:
    """The hub at ``redis://…``, or none; raises MissingError without the package."""
    if not url:
        yield Hub()
        return
    try:
        redis = import_module("redis")
    except ModuleNotFoundError as error:
        raise MissingError(
            "A hub of Redis needs the package {package!r}.",
            mend="pip install 'argosy[recommend]'",
            package=str(error.name),
        ) from error
    channel = f"argosy:recommend:{name}"
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    hub, ended = Hub(client, channel), threading.Event()
    listener = threading.Thread(target=_listen, args=(client, channel, hub, ended), name="argosy-hub", daemon=True)
    listener.start()
    try:
        yield hub
    finally:
        ended.set()
        listener.join(_PATIENCE)
        client.close()


_PATIENCE = 5.0


def _listen(client: Any, channel: str, hub: Hub, ended: threading.Event) -> None:
    """Wake on each word of the channel; where Redis is down, try again."""
    while not ended.is_set():
        try:
            with client.pubsub(ignore_subscribe_messages=True) as heard:
                heard.subscribe(channel)
                while not ended.is_set():
                    if heard.get_message(timeout=0.5):
                        hub.wake()
        except Exception:  # noqa: BLE001 - Redis may be down for hours: the store is asked meanwhile
            ended.wait(1.0)
