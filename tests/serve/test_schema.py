"""The description of a service that sells, held against the service: requests drawn from the schema of every route."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.generation import GenerationMode
from schemathesis.python import asgi
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks
from shops import stand_in

from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator

BUSY = 503  # told on purpose, to come again


@dataclass(frozen=True, slots=True)
class Described:
    """Operations by name, and the heads with which the two sides ask."""

    operations: dict[str, APIOperation]
    owner: dict[str, str]
    tenant: dict[str, str]

    def head(self, path: str) -> dict[str, str]:
        """The head of a request to a path."""
        return self.owner if path.startswith("/admin") else self.tenant


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A service with a model of every kind, an owner and a tenant."""
    engines = {"mood": EchoEngine(), "free": EchoGenerator(), "near": EchoEmbedder()}
    with stand_in(tmp_path_factory.mktemp("shop"), engines=engines) as stand:
        owner = stand.selling.books.accounts.create_key(None, Terms(role="owner"), "test").result()
        _, tenant = stand.buyer()
        schema = schemathesis.openapi.from_asgi("/openapi.json", stand.app())
        yield Described(
            {one.ok().label: one.ok() for one in schema.get_all_operations()},
            {"authorization": f"Bearer {owner.secret}"},
            tenant,
        )
        asgi.shutdown_lifespans()


def test_every_route_keeps_its_description(described: Described, pytestconfig: pytest.Config) -> None:
    """Good and bad requests to every route: no failure, each answer as described, nothing undescribed taken."""
    assert len(described.operations) > 50
    for label, operation in described.operations.items():
        _hold(label, operation, described.head(operation.path), pytestconfig.getoption("--fuzz"))


def _hold(label: str, operation: APIOperation, head: dict[str, str], examples: int) -> None:
    good, bad = (
        operation.as_strategy(generation_mode=mode, headers=head)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )

    @hypothesis_settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=good | bad)
    def held(case: schemathesis.Case) -> None:
        answer = case.call(headers=head)
        assert answer.status_code < 500 or answer.status_code == BUSY, (label, answer.status_code, answer.text)
        case.validate_response(
            answer,
            checks=[
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
                checks.response_headers_conformance,
                checks.negative_data_rejection,
                checks.unsupported_method,
                checks.allow_header_conformance,
            ],
        )

    held()
