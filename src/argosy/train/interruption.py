"""Ctrl-C asks a training to stop after its step; a second one stops it at once."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Stop:
    """Whether somebody asked to stop."""

    asked: bool = False


@contextmanager
def interruptions(*, heeded: bool) -> Iterator[Stop]:
    """A record of ctrl-C or a request to terminate, heeded in the main thread alone; all is put back at the end."""
    stop = Stop()
    if not heeded or threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.asked = True
        _put_back(before)

    for each in _SIGNALS:
        signal.signal(each, ask)
    try:
        yield stop
    finally:
        _put_back(before)


def _put_back(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler or signal.SIG_DFL)
