"""What a server can be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy.serve.channels.parts import Channels
from argosy.serve.running.tls import Tls
from argosy.serve.wire.marking import Marking


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to listen and how much to accept; sizes in bytes, characters and seconds.

    ``port`` 0 takes a free one. ``max_queue`` is the number of classify requests answered or waiting at once: the
    next one is refused before its body is read, and the last quarter is kept from tenants who have one.
    A body may take ``read_seconds`` to come. ``drain_seconds`` keeps the door open after a stop signal while
    ``/readyz`` already says no, for balancers that ask before they send; ``stop_seconds`` is how
    long requests in flight may take to finish. ``cache`` answers are kept by their texts;
    ``timing`` tells in every answer's head where its time went, which a request may also ask for by itself.
    Workers that answer at one address write their ``figures`` to one folder. Traces go to the OTLP/HTTP collector at
    the address ``otlp``, if any. ``marking`` is how generated texts are labelled. With ``tls`` the server
    speaks HTTPS and nothing else. ``shown`` is what pages of the model's product show,
    ``channels`` by which ways customers reach an assistant.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    max_body_bytes: int = 4 * 1024 * 1024
    max_texts: int = 1000
    max_chars: int = 100_000
    max_queue: int = 256
    read_seconds: float = 10.0
    drain_seconds: float = 0.0
    stop_seconds: int = 30
    cache: int = 0
    timing: bool = False
    figures: Path | None = None
    otlp: str | None = None
    marking: Marking = field(default_factory=Marking)
    tls: Tls | None = None
    shown: Mapping[str, Any] | None = None
    channels: Channels = field(default_factory=Channels)
