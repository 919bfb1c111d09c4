"""The table ``[serve]`` of the project file."""

from typing import Literal

from pydantic import Field

from argosy.config.table import Table
from argosy.serve.wire.marking import WORDS


class Serve(Table):
    """How the server answers."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    max_texts: int = Field(1000, ge=1, description="Texts in one request at most.")
    max_body_kb: int = Field(2048, ge=1, description="Size of a request's body at most, in kB.")
    workers: int = Field(1, ge=1, le=256, description="Processes that answer; they share the machine's cores.")
    cache: int = Field(0, ge=0, description="Answers kept by their texts, for each worker; 0 keeps none.")
    timing: bool = Field(False, description="Tell in each answer's header Server-Timing where its time went.")
    tls_certificate: str | None = Field(None, description="A PEM file with the certificate and those above it.")
    tls_key: str | None = Field(None, description="A PEM file with the certificate's key, without a passphrase.")
    models: dict[str, str] = Field(
        {}, description="Models beside the project's own by name: a project, a folder, package:NAME or a GGUF file."
    )
    label_generated: Literal["beside", "inside", "off"] = Field(
        "beside", description="Where generated texts are labelled as such: beside the text, at its end, or nowhere."
    )
    label_text: str = Field(WORDS, min_length=1, description="The words of that label.")
    producer: str = Field("", description="The provider named in the labels' metadata; the server's name if empty.")
    otlp: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address of an OpenTelemetry collector (OTLP over HTTP) that gets a trace of each request.",
    )
    accept_non_commercial: bool = Field(False, description="Serve although a licence forbids commercial use.")
