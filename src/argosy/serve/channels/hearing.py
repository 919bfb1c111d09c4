"""What every channel does with a customer's message: bound it, ask, and tell what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

from argosy.core.errors import ArgosyError, MissingError, ProjectError
from argosy.core.support import Asked, Channel, Turn
from argosy.serve.channels.parts import Channels
from argosy.serve.channels.rates import Rates
from argosy.serve.errors import RequestError
from argosy.serve.gate.office import missing
from argosy.serve.gate.supported import Supported
from argosy.serve.settings import Settings
from argosy.serve.wire.bodies import checked

BODY_BYTES = 262_144
_CHARACTERS = 20_000  # of a message
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What channels are made from; ``settings`` bound what they read."""

    supported: Supported
    channels: Channels
    settings: Settings
    rates: Rates

    @classmethod
    def of(cls, supported: Supported, settings: Settings) -> "Hearing":
        """The same bounds for all channels."""
        bounds = {"max_body_bytes": BODY_BYTES, "max_chars": _CHARACTERS}
        least = {name: min(value, getattr(settings, name)) for name, value in bounds.items()}
        return cls(supported=supported, channels=settings.channels, settings=replace(settings, **least), rates=Rates())

    async def ask(self, channel: Channel, peer: str, id_: str, text: str, conversation: str = "") -> Turn:
        """The turn that a message brings about: the same one again for the same ``id_`` of the same ``peer``."""
        (text,) = checked(_storable(text), "text", self.settings)
        known = digest(peer, id_)  # another customer's message may have the same id
        asked = Asked(id=known, channel=channel, peer=peer, text=text, conversation=conversation)
        return await heard(self.supported.ask, asked)


async def heard(call: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """What the books of the assistant say, asked beside the event loop; raises RequestError for what they refuse."""
    try:
        return await run_in_threadpool(call, *args, **values)
    except RequestError:
        raise
    except MissingError:
        raise missing() from None
    except ProjectError as error:
        told: dict[str, Any] = dict(error.values)
        raise RequestError(error.message, code="invalid_value", mend=error.mend, **told) from error
    except ArgosyError as error:
        raise RequestError(
            "The assistant does not answer now.",
            code="storage_unavailable",
            mend="Try again after the time in the header retry-after.",
        ) from error


def digest(*parts: str) -> str:
    """SHA-256 in hexadecimal of texts that are told apart."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _storable(text: str) -> str:
    """A text without what no database takes: halves of characters, and the character 0."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
