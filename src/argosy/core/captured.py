"""What is captured of a request, where the project and the person concerned allow it."""

from dataclasses import dataclass
from typing import Any

CONSENT = "consent"
"""The legal basis that needs a word on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A request and its answer without personal data, as JSON; ``subject`` is the tenant's own id of the person.

    It is nothing where the request named none: then the capture is the tenant's.
    """

    tenant: str
    subject: str
    event: str
    model: str
    version: str
    at: int
    asked: Any
    answer: Any
