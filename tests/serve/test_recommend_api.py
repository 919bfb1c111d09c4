"""A recommender for programs: lists with reasons, events and items in every form, who may, and what is refused."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recommended import InMemoryRecommended
from sold import Sold, sold
from starlette.testclient import TestClient

from argosy.core.recommend import Item
from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.billing.plan import Plan, Price, Tier
from argosy.serve.errors import RequestError
from argosy.serve.settings import Settings
from argosy.serve.wire.recommending import moment, parse_events, parse_items, parse_recommend
from argosy.store.database import sqlite_url

PLAN = Plan(name="standard", currency="CNY", prices=(Price(unit="requests", tiers=(Tier(up_to=None, price=500),)),))
CLICK = {"user": "ann", "item": "f2", "type": "like"}
LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture
def shop() -> InMemoryRecommended:
    """The recommender."""
    return InMemoryRecommended()


@pytest.fixture
def client(shop: InMemoryRecommended) -> Iterator[TestClient]:
    """A client of an open service that has it and nothing else."""
    app = create_app({}, Settings(max_body_bytes=200_000), recommended=shop)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    """A service that sells, with a recommender."""
    url = sqlite_url(tmp_path_factory.mktemp("recommend") / "store.db")
    with sold(url, recommended=InMemoryRecommended(), plan=PLAN) as house:
        yield house


@pytest.fixture(scope="module")
def customer(house: Sold) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(house.app, raise_server_exceptions=False) as client:
        yield client


def bearer(secret: str) -> dict[str, str]:
    """The head that carries a secret."""
    return {"authorization": f"Bearer {secret}"}


def test_a_list_says_why(client: TestClient) -> None:
    """In the language that is asked for; by an address the same as by a body."""
    told = client.post("/v1/recommend", json={"user": "ann", "n": 3}, headers={"accept-language": "en"}).json()
    assert (told["object"], told["id"], told["arm"], len(told["items"])) == ("recommendation", "rec_1", None, 3)
    first = told["items"][0]
    assert first["why"] == "similar"
    assert first["about"] in {"f1", "f8"}
    assert first["reason"] == f"because you liked {'Toy Story' if first['about'] == 'f1' else 'Aladdin'}"
    again = client.get("/v1/recommend?user=ann&n=3&lang=en").json()
    assert again["items"] == told["items"]
    assert client.post("/v1/recommend", json={"lang": "en"}).json()["items"][0]["reason"] == "popular now"


def test_who_asks(client: TestClient, shop: InMemoryRecommended) -> None:
    """A user, a session, nobody by what was looked at just now; a session's events count for it alone."""
    assert client.post("/v1/events", json={"session": "s1", "item": "f9", "type": "click"}).status_code == 202
    for body in ({"session": "s1"}, {"recent": ["f9"]}):
        items = client.post("/v1/recommend", json={**body, "n": 2}).json()["items"]
        assert {one["id"] for one in items} == {"f3", "f10"}, "thrillers behind a thriller"
    assert shop.lists[-1].user == ""
    assert [one.user for one in shop.events.values() if one.item == "f9"] == ["session:s1"]


def test_filters(client: TestClient) -> None:
    """Any of the tags, prices, items left out; context is passed on."""
    asked = {"tags": ["crime", "horror"], "min_price": 2, "max_price": 7.25, "exclude": ["f4"]}
    told = client.post("/v1/recommend", json={"user": "u", "filters": asked, "context": {"surface": "home"}}).json()
    assert {one["id"] for one in told["items"]} == {"f6", "f9", "f10"}
    told = client.get("/v1/recommend?tags=crime&tags=horror&min_price=2&max_price=7.25&exclude=f4").json()
    assert {one["id"] for one in told["items"]} == {"f6", "f9", "f10"}


def test_an_item_removed_meanwhile_is_left_out(
    client: TestClient, shop: InMemoryRecommended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the ranking and its answer: the rest is answered, a reason without its item is said in general."""
    find = InMemoryRecommended.item

    def lost(self: InMemoryRecommended, item: str) -> Item:
        if item in {"f2", "f1", "f8"}:
            self.items.pop(item, None)
        return find(self, item)

    monkeypatch.setattr(InMemoryRecommended, "item", lost)
    assert "f1" in shop.items
    items = client.post("/v1/recommend", json={"user": "ann", "n": 12, "lang": "en"}).json()["items"]
    assert "f2" not in {one["id"] for one in items}
    assert "like what you liked" in {one["reason"] for one in items}


def test_events_come_in_every_form_and_once(client: TestClient, shop: InMemoryRecommended) -> None:
    """One, a list, lines; with times as people write them; the same id again changes nothing."""
    one = {**CLICK, "id": "e1", "recommendation": "rec_1"}
    assert client.post("/v1/events", json=one).json() == {
        "object": "recommend.events",
        "new": 1,
        "again": 0,
        "refused": {},
    }
    times = ["2026-03-01T14:05:00Z", "2026-03-01 22:05:00+08:00", 1772373900, 1772373900000, 1772373900.0]
    many = [{**CLICK, "id": f"t{at}", "time": told} for at, told in enumerate(times)]
    told = client.post("/v1/events", json=[one, *many, {**CLICK, "item": "none"}]).json()
    assert (told["new"], told["again"], told["refused"]) == (5, 1, {"unknown item": 1})
    assert {event.at for event in shop.events.values() if event.given.startswith("t")} == {1_772_373_900_000_000}
    lines = b"\n".join(json.dumps({**CLICK, "id": f"l{at}"}).encode() for at in range(3)) + b"\r\n\r\n"
    assert client.post("/v1/events", content=lines, headers=LINES).json()["new"] == 3
    assert {event.shown for event in shop.events.values() if event.given == "e1"} == {"rec_1"}


def test_items_come_and_go(client: TestClient) -> None:
    """A new one is ranked at once; one that is gone is shown no more; ids may hold what addresses do not."""
    new = {"id": "a/b?c", "title": "Rio", "tags": ["animation", "comedy"], "price": 1.5, "added": "2026-03-01"}
    assert client.put("/v1/items", json=new).json() == {"object": "recommend.items", "received": 1, "changed": 1}
    assert client.post("/v1/items", json=[new]).json()["changed"] == 0
    address = "/v1/items/a%2Fb%3Fc"
    assert client.get(address).json() == {**new, "description": "", "added": "2026-03-01T00:00:00+00:00"}
    assert [one["title"] for one in client.get("/v1/items?q=rio").json()["data"]] == ["Rio"]
    assert "a/b?c" in {one["id"] for one in client.get("/v1/recommend?user=ann&n=5").json()["items"]}
    assert client.delete(address).json() == {"object": "recommend.item", "id": "a/b?c", "deleted": True}
    assert (client.get(address).status_code, client.delete(address).status_code) == (404, 404)
    assert "a/b?c" not in {one["id"] for one in client.get("/v1/recommend?user=ann&n=5").json()["items"]}


def test_who_is_forgotten_is_a_stranger(client: TestClient) -> None:
    """The next list is that of somebody who never was here."""
    before = client.get("/v1/recommend?user=ann").json()["items"]
    told = client.delete("/v1/recommend/users/ann").json()
    assert told == {"object": "recommend.user", "id": "ann", "deleted": True, "removed": {"events": 2, "lists": 1}}
    after = client.get("/v1/recommend?user=ann").json()["items"]
    assert after != before
    assert after == client.get("/v1/recommend?user=never").json()["items"]


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"n": 0}, 422, "n"),
        ({"n": 101}, 422, "n"),
        ({"n": "3"}, 422, "n"),
        ({"n": True}, 422, "n"),
        ({"user": 3}, 422, "user"),
        ({"user": ""}, 422, "user"),
        ({"user": "a\0"}, 422, "user"),
        ({"user": "x" * 257}, 422, "user"),
        ({"user": "a", "session": "b"}, 422, "session"),
        ({"filters": {"colour": "red"}}, 422, "filters.colour"),
        ({"filters": {"min_price": -1}}, 422, "filters.min_price"),
        ({"filters": {"exclude": ["a", 3]}}, 422, "filters.exclude[1]"),
        ({"filters": {"min_price": 3, "max_price": 2}}, 422, "filters.min_price"),
        ({"filters": []}, 422, "filters"),
        ({"context": {"a": 1}}, 422, "context"),
        ({"context": {str(at): "" for at in range(21)}}, 422, "context"),
        ({"recent": ["x"] * 201}, 422, "recent"),
        ({"explore": "yes"}, 422, "explore"),
        ({"lang": "fr"}, 422, "lang"),
        ({"users": "u"}, 422, "users"),
        ([], 422, None),
    ],
)
def test_what_cannot_be_asked(client: TestClient, body: Any, status: int, param: str | None) -> None:
    """Each is told by the name of what is wrong."""
    answer = client.post("/v1/recommend", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


@pytest.mark.parametrize("query", ["n=x", "n=0", "explore=perhaps", "lang=fr", "min_price=nan", "user="])
def test_what_an_address_cannot_ask(client: TestClient, query: str) -> None:
    """As a body may not."""
    assert client.get(f"/v1/recommend?{query}").status_code == 422


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"[1]", 422, None),
        (b'"x"', 422, None),
        (b'{"user": "u", "type": "click"}', 422, "[0].item"),
        (b'[{"user": "u", "item": "f1", "type": "c"}, {"item": "f1", "type": "c"}]', 422, "[1].user"),
        (b'{"user": "u", "session": "s", "item": "f1", "type": "c"}', 422, "[0].session"),
        (b'{"user": "u", "item": 1, "type": "c"}', 422, "[0].item"),
        (b'{"user": "u", "item": "f1", "type": ""}', 422, "[0].type"),
        (b'{"user": "u", "item": "f1", "type": "c", "time": "soon"}', 422, "[0].time"),
        (b'{"user": "u", "item": "f1", "type": "c", "time": true}', 422, "[0].time"),
        (b'{"user": "u", "item": "f1", "type": "c", "time": 1e400}', 422, "[0].time"),
        (b'{"user": "u", "item": "f1", "type": "c", "time": -5}', 422, "[0].time"),
        (b'{"user": "u", "item": "f1", "type": "c", "weight": 2}', 422, "[0].weight"),
        (b"[" + b",".join([b'{"user":"u","item":"f1","type":"c"}'] * 1001) + b"]", 413, None),
        (b'{"user": "\\ud800", "item": "f1", "type": "c"}', 400, None),
    ],
)
def test_what_cannot_be_sent(
    client: TestClient, shop: InMemoryRecommended, body: bytes, status: int, param: str | None
) -> None:
    """Nothing of such a request is kept, whatever else stands in it."""
    before = len(shop.events)
    answer = client.post("/v1/events", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
    assert len(shop.events) == before


def test_other_bodies(client: TestClient) -> None:
    """Another kind, one that is too large, lines of which one is none."""
    assert client.post("/v1/events", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert client.post("/v1/events", content=b" " * 200_001, headers=LINES).status_code == 413
    lines = b'{"user":"u","item":"f1","type":"c"}\nnonsense'
    assert client.post("/v1/events", content=lines, headers=LINES).status_code == 400
    assert client.put("/v1/items", json={"id": "x"}).json()["error"]["param"] == "[0].title"
    assert client.get("/v1/items/none").status_code == 404


def test_a_store_that_is_away_is_not_the_clients_fault(client: TestClient, shop: InMemoryRecommended) -> None:
    """It is told to come again."""
    shop.broken = True
    for answer in (client.post("/v1/recommend", json={}), client.post("/v1/events", json=CLICK)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
        assert "retry-after" in answer.headers


def test_a_list_is_charged_once(customer: TestClient, house: Sold) -> None:
    """One request; the same key again is answered from what is kept, and events cost nothing."""
    tenant = house.tenant("Cinema").id
    head = bearer(house.may(tenant, "recommend").secret) | {"idempotency-key": "k1"}
    answers = [customer.post("/v1/recommend", json={"user": "ann"}, headers=head) for _ in "ab"]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert customer.post("/v1/recommend", json={"user": "bob"}, headers=head).status_code == 422
    head.pop("idempotency-key")
    assert customer.post("/v1/events", json=CLICK, headers=head).status_code == 202
    account = house.books.directory.account(tenant)
    assert account is not None
    assert house.books.standings.standing(account).used == {("films", "requests"): 1}


def test_who_may(customer: TestClient, house: Sold) -> None:
    """A tenant needs the scope, and may forget nobody; a role its permission."""
    tenant = house.tenant("Other").id
    mine, other = bearer(house.may(tenant, "recommend").secret), bearer(house.may(tenant, "classify").secret)
    assert customer.get("/v1/items", headers=mine).status_code == 200
    assert customer.post("/v1/events", json=CLICK, headers=mine).status_code == 202
    assert customer.delete("/v1/recommend/users/zoe", headers=mine).status_code == 403
    for path, method in (("/v1/recommend", "post"), ("/v1/events", "post"), ("/v1/items", "put")):
        call = getattr(customer, method)
        assert call(path, json=CLICK, headers=other).status_code == 403
        assert call(path, json=CLICK).status_code == 401
    for role, seen, changed in (("viewer", 200, 403), ("operator", 200, 200), ("agent", 403, 403)):
        key = bearer(house.key(None, Terms(role=role)).secret)  # type: ignore[arg-type]  # the names are those of roles
        assert customer.get("/v1/items", headers=key).status_code == seen
        assert customer.delete("/v1/recommend/users/zoe", headers=key).status_code == changed


def test_a_key_for_another_model_gets_no_lists(customer: TestClient, house: Sold) -> None:
    """A list is of the model that the recommender is called by."""
    terms = Terms(scopes=frozenset({"recommend"}), models=frozenset({"mood"}))
    head = bearer(house.key(house.tenant("Third").id, terms).secret)
    answer = customer.post("/v1/recommend", json={}, headers=head)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "model_forbidden")


def test_it_is_described(client: TestClient) -> None:
    """Its bodies too; a service without a recommender has none of it."""
    told = client.get("/openapi.json").json()
    assert {"/v1/recommend", "/v1/events", "/v1/items", "/v1/items/{item}"} <= set(told["paths"])
    assert {"RecommendRequest", "RecommendEvent", "RecommendItem", "RecommendFilters"} <= set(
        told["components"]["schemas"]
    )
    with TestClient(create_app({"mood": EchoEngine()}, Settings())) as other:
        assert other.get("/v1/recommend").status_code == 404


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("user", "session", "item", "type", "time", "id", "title", "tags", "price", "added", "n", "filters", "recent")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
def test_whatever_is_sent_is_read_or_refused(body: dict[str, Any]) -> None:
    """By name and code, and by no other error."""
    sent = json.dumps(body).encode()
    for read in (
        lambda: parse_recommend(sent).wish(),
        lambda: parse_events(sent, lines=False),
        lambda: parse_items(sent, lines=True),
    ):
        with suppress(RequestError):
            read()


@settings(max_examples=200, deadline=None)
@given(st.integers(10**8, 4 * 10**9))
def test_a_time_is_the_same_in_seconds_and_milliseconds(seconds: int) -> None:
    """And in words."""
    assert moment(seconds, "time") == moment(seconds * 1000, "time") == seconds * 1_000_000
    assert moment(str(seconds), "time") == seconds * 1_000_000
