"""A service over engines that need no model."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings

LIMITS = Settings(max_body_bytes=60_000, max_texts=20, max_chars=100)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of a running app with two models and small limits."""
    models = {"mood": EchoEngine(), "colour": EchoEngine(labels=("red", "green", "blue"), name="echo-rgb", longest=50)}
    with TestClient(create_app(models, LIMITS), raise_server_exceptions=False) as client:
        yield client
