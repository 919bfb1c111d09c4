"""Where the work of batches is asked and charged."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from argosy.serve.gate.admission import Admission
from argosy.serve.running.metrics import Metrics

AGAIN = frozenset({409, 429, 503})
"""Statuses after which the same may be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The service's own app, which answers lines, and its admission, which charges rows."""

    app: ASGIApp
    admission: Admission
    metrics: Metrics
