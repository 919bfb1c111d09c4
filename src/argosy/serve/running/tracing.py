"""Traces for OpenTelemetry: a span for each request and for the steps of its way, sent by OTLP over HTTP.

Parents are handed on by hand and kept in no context variable: an answer that streams ends in another task than the one
that began it. Attributes are figures and opaque ids alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from argosy.core.errors import MissingError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attributes = Mapping[str, str | int | bool]
_FLUSH_MS = 5_000
_OFTEN_MS = 1_000.0


class Span(Protocol):
    """A step that has begun."""

    def end(self, attributes: Attributes | None = None) -> None:
        """It is over."""
        ...


class Tracer(Protocol):
    """Begins spans."""

    def start(self, name: str, *, parent: Span | None = None, traceparent: str = "") -> Span:
        """A step within ``parent``, or within that of another program, which its W3C ``traceparent`` names."""
        ...

    def close(self) -> None:
        """Send what waits to be sent."""
        ...


class _Silent:
    """Traces nothing."""

    def start(self, name: str, *, parent: Span | None = None, traceparent: str = "") -> Span:  # noqa: ARG002 - nothing is kept
        """Itself: nothing begins."""
        return self

    def end(self, attributes: Attributes | None = None) -> None:
        """Nothing ends."""

    def close(self) -> None:
        """Nothing waits."""


SILENT: Tracer = _Silent()


def open_tracer(endpoint: str, service: str = "argosy") -> Tracer:
    """Traces sent to an OTLP/HTTP collector such as ``http://127.0.0.1:4318``; raises MissingError without the package.

    Spans wait in memory, 2,048 at most, and are sent every second; a collector that is away costs spans, not requests.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise MissingError(
            "Traces need the package {package!r}.", mend="pip install 'argosy[otel]'", package="opentelemetry-sdk"
        ) from error
    provider = TracerProvider(resource=Resource({"service.name": service}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_FLUSH_MS / 1000)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_OFTEN_MS))
    return _Otlp(provider)


class _Otlp:
    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("argosy")

    def start(self, name: str, *, parent: Span | None = None, traceparent: str = "") -> Span:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        if isinstance(parent, _OtlpSpan):
            return _OtlpSpan(self._tracer.start_span(name, set_span_in_context(parent.span, Context())))
        around = TraceContextTextMapPropagator().extract({"traceparent": traceparent}, Context())
        return _OtlpSpan(self._tracer.start_span(name, around, kind=SpanKind.SERVER))

    def close(self) -> None:
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()


class _OtlpSpan:
    def __init__(self, span: Any) -> None:
        self.span = span

    def end(self, attributes: Attributes | None = None) -> None:
        if attributes:
            self.span.set_attributes(attributes)
        self.span.end()
