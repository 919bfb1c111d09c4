"""An opinion monitor for programs: who may ask and send, what comes back, and what is refused."""

from collections.abc import Iterator

import pytest
from opined import InMemoryOpined
from sold import Sold, sold
from starlette.testclient import TestClient

from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

POST = {"text": "The app is down.", "id": "1"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    """A service that sells, with a monitor."""
    url = sqlite_url(tmp_path_factory.mktemp("opinion") / "store.db")
    with sold(url, opined=InMemoryOpined(), settings=Settings(max_body_bytes=2000)) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: Sold) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(house.app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def head(house: Sold) -> dict[str, str]:
    """The head of a tenant that may ask the monitor."""
    return bearer(house.may(house.tenant().id, "opinion").secret)


def bearer(secret: str) -> dict[str, str]:
    """The head that carries a secret."""
    return {"authorization": f"Bearer {secret}"}


def test_what_the_monitor_says(client: TestClient, head: dict[str, str]) -> None:
    """The records of the pages, as JSON; figures that are not known are null."""
    told = client.get("/v1/opinion?hours=72", headers=head).json()
    assert (told["hours"], told["topics"][0]["name"], told["sources"][1]["silent"]) == (72, "price", True)
    trend = client.get("/v1/opinion/trend?topic=price&hours=12", headers=head).json()
    assert (len(trend["points"]), trend["points"][2]["missing"]) == (12, True)
    stories = client.get("/v1/opinion/stories?sentiment=negative&limit=3", headers=head).json()["data"]
    assert [one["sentiment"] for one in stories] == ["negative"] * 3
    story = client.get(f"/v1/opinion/stories/{stories[0]['id']}", headers=head).json()
    assert [one["first"] for one in story["texts"]] == [True, False, False]
    alarms = client.get("/v1/opinion/alarms", headers=head).json()["data"]
    assert [one["finding"]["value"] for one in alarms] == [14.0, None]
    assert len(client.get("/v1/opinion/alarms?still=true", headers=head).json()["data"]) == 1


def test_texts_come_in_once(client: TestClient, head: dict[str, str]) -> None:
    """The same again is taken, and nothing is new."""
    answers = [client.post("/v1/opinion/texts?source=posted", json={**POST, "id": "twice"}, headers=head) for _ in "ab"]
    assert [(one.status_code, one.json()["new"]) for one in answers] == [(202, 1), (202, 0)]


def test_who_may_ask(client: TestClient, house: Sold, head: dict[str, str]) -> None:
    """A tenant needs the scope; a key of the admin side its permission, to look or to send."""
    del head
    other = bearer(house.may(house.tenant("Other").id, "classify").secret)
    for role, seen, sent in (("viewer", 200, 403), ("annotator", 200, 202), ("agent", 403, 403)):
        key = bearer(house.key(None, Terms(role=role)).secret)  # type: ignore[arg-type]  # the names are those of roles
        assert client.get("/v1/opinion", headers=key).status_code == seen
        assert client.post("/v1/opinion/texts?source=posted", json=POST, headers=key).status_code == sent
    assert client.get("/v1/opinion", headers=other).status_code == 403
    assert client.get("/v1/opinion").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?hours=0", 422),
        ("?hours=99999", 422),
        ("/stories?sentiment=sad", 422),
        ("/stories?limit=501", 422),
        ("/stories/none", 404),
        ("/trend?hours=x", 422),
    ],
)
def test_what_cannot_be_asked(client: TestClient, head: dict[str, str], path: str, status: int) -> None:
    """Each with a code of its own."""
    answer = client.get(f"/v1/opinion{path}", headers=head)
    assert (answer.status_code, "code" in answer.json()["error"]) == (status, True)


def test_what_cannot_be_sent(client: TestClient, head: dict[str, str]) -> None:
    """A body that is none, one that is too large, another kind, a source that is no webhook; else it is the first."""
    where = "/v1/opinion/texts?source=posted"
    kind = {"content-type": "application/json"}
    wrong = client.post(where, content=b"x", headers=head | kind)
    assert (wrong.status_code, wrong.json()["error"]["message"]) == (
        422,
        'The body is not JSON.\n  Send {"text": "…"}.',
    )
    assert client.post(where, content=b"[" * 2001, headers=head | kind).status_code == 413
    assert client.post(where, content=b"{}", headers=head | {"content-type": "text/plain"}).status_code == 415
    assert client.post("/v1/opinion/texts?source=other", json=POST, headers=head).status_code == 404
    first = client.post("/v1/opinion/texts", json={**POST, "id": "first"}, headers=head)
    assert first.json()["new"] == 1, "the first webhook"


def test_an_open_service_has_the_routes_and_no_pages() -> None:
    """It listens on the machine itself, and nobody signs in."""
    app = create_app({"mood": EchoEngine()}, Settings(), opined=InMemoryOpined())
    with TestClient(app) as client:
        assert client.get("/v1/opinion").json()["stories"] == 380
        assert client.get("/admin/opinion").status_code == 404
        assert "/v1/opinion/texts" in client.get("/openapi.json").json()["paths"]
