"""What the assistant reads of what somebody wrote: without personal data, as the project says."""

from collections.abc import Callable

from argosy.config.schema import Project
from argosy.core.personal import GUESSED
from argosy.core.records import Example
from argosy.data.redact import Pseudonyms, Redaction, recogniser

Read = Callable[[str], str]


def reader(project: Project, key: bytes) -> Read:
    """Takes personal data out of a text; pseudonyms are those of ``key``, in every process the same."""
    wish = project.redact
    if wish.mode == "off":
        return storable
    kinds = (*sorted(wish.kinds), *(GUESSED if wish.names else ()))
    redact = Redaction(Pseudonyms(key) if wish.mode == "pseudonym" else None, kinds, recogniser(tuple(wish.names)))
    return lambda text: redact(Example(id="", text=storable(text))).text


def storable(text: str) -> str:
    """A text without what no database takes: halves of characters, and the character 0."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
