"""What can be asked for."""

from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings


def test_each_model_tells_its_kind() -> None:
    """By name, with what one must know to ask it."""
    engines: dict[str, Engine] = {
        "mood": EchoEngine(labels=("坏", "好")),
        "writer": EchoGenerator(),
        "vectors": EchoEmbedder(),
    }
    with TestClient(create_app(engines, Settings())) as client:
        listed = client.get("/v1/models").json()["data"]
        alone = [client.get(f"/v1/models/{name}").json() for name in engines]
        missing = client.get("/v1/models/moood")
    assert alone == listed
    assert [(one["id"], one["kind"], one["labels"]) for one in listed] == [
        ("mood", "classify", ["坏", "好"]),
        ("writer", "generate", []),
        ("vectors", "embed", []),
    ]
    assert (listed[1]["context"], listed[2]["dimensions"]) == (4096, 64)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")
    assert "'mood'" in missing.json()["error"]["message"]
