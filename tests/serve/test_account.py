"""A tenant's own account over HTTP, for scripts: its keys, usage and invoices, and nobody else's."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sold import Sold, sold
from sold_papers import Papers
from starlette.testclient import TestClient

from argosy.core.account import Limits
from argosy.core.tenant import Terms
from argosy.store.database import sqlite_url


@pytest.fixture(scope="module")
def papers() -> Papers:
    """The seller's invoices."""
    return Papers()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Sold]:
    """A service that sells, over an SQLite file."""
    with sold(sqlite_url(tmp_path_factory.mktemp("account") / "store.db"), invoices=papers) as house:
        yield house


@pytest.fixture(scope="module")
def tenant(house: Sold, papers: Papers) -> str:
    """The tenant of the invoices."""
    papers.tenant = house.tenant("深蓝书店").id
    return papers.tenant


@pytest.fixture(scope="module")
def client(house: Sold, tenant: str) -> Iterator[TestClient]:
    """A client with a key of the tenant for its account."""
    head = {"authorization": f"Bearer {house.may(tenant, 'account').secret}"}
    with TestClient(house.app, headers=head, raise_server_exceptions=False) as client:
        yield client


def test_the_account_is_told_without_what_is_the_sellers(client: TestClient, tenant: str) -> None:
    """Name, plan, state and limits."""
    told = client.get("/v1/account").json()
    assert (told["tenant"], told["name"], told["status"]) == (tenant, "深蓝书店", "active")
    assert told["limits"]["budget"] is None
    assert "pins" not in told


def test_usage_is_what_was_charged(client: TestClient, house: Sold, tenant: str) -> None:
    """After an answer its units stand in the account, by model."""
    asking = {"authorization": f"Bearer {house.may(tenant, 'classify').secret}"}
    client.post("/v1/classify", headers=asking, json={"input": ["one", "two"]})
    told = client.get("/v1/account/usage").json()
    used = {(one["model"], one["unit"]): one["quantity"] for one in told["used"]}
    assert (used["mood", "texts"], told["amount"]) == (2, "0.004")


def test_what_is_left_is_told(client: TestClient, house: Sold) -> None:
    """Of a budget and of a quota; a limit that is not set is not left either."""
    tenant = house.tenant().id
    limits = Limits(budget=10_000, quota={"texts": 5})
    house.books.accounts.change_tenant(tenant, lambda known: replace(known, limits=limits), "test").result()
    head = {"authorization": f"Bearer {house.may(tenant, 'account', 'classify').secret}"}
    assert client.post("/v1/classify", headers=head, json={"input": ["one", "two"]}).status_code == 200
    left = client.get("/v1/account/usage", headers=head).json()["left"]
    assert left == {"budget": "0.006", "quota": {"texts": 3}, "wallet": None}


def test_keys_are_made_rotated_and_revoked(client: TestClient, house: Sold) -> None:
    """As on the page; a new key may ask, and manages the account only where that is said."""
    made = client.post("/v1/account/keys", json={}).json()
    assert "account" not in made["scopes"]
    new = client.post(f"/v1/account/keys/{made['id']}/rotate", json={"grace": 60}).json()
    assert house.books.directory.find(made["secret"])
    assert house.books.directory.find(new["secret"])
    assert made["id"] in [key["id"] for key in client.get("/v1/account/keys").json()["data"]]
    assert client.post(f"/v1/account/keys/{made['id']}/revoke").json()["revoked"]
    assert house.books.directory.fate(new["secret"]) == "revoked"


def test_a_key_for_some_models_makes_none_for_others(client: TestClient, house: Sold, tenant: str) -> None:
    """Nor one for all of them."""
    issued = house.key(tenant, Terms(scopes=frozenset({"account"}), models=frozenset({"mood"})))
    head = {"authorization": f"Bearer {issued.secret}"}
    assert client.post("/v1/account/keys", headers=head, json={}).json()["models"] == ["mood"]
    refused = client.post("/v1/account/keys", headers=head, json={"models": ["colour"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "model_forbidden")


@pytest.mark.parametrize(
    "limit",
    [{"models": frozenset({"mood"})}, {"expires": 2**52}, {"origins": ("https://shop.example",)}],
    ids=min,
)
def test_a_limited_key_gets_no_further_by_the_keys_it_makes(
    client: TestClient, house: Sold, tenant: str, limit: dict[str, Any]
) -> None:
    """A key that it makes has its limits, and it gets no new secret of a key without them."""
    issued = house.key(tenant, Terms(scopes=frozenset({"account"}), **limit))
    head = {"authorization": f"Bearer {issued.secret}", "origin": "https://shop.example"}
    made = client.post("/v1/account/keys", headers=head, json={}).json()
    (name,) = limit
    assert getattr(house.books.accounts.key(made["id"]), name) == limit[name]
    assert client.post(f"/v1/account/keys/{made['id']}/rotate", headers=head).status_code == 200
    free = house.may(tenant, "account", "classify")
    refused = client.post(f"/v1/account/keys/{free.key.id}/rotate", headers=head)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_permission")
    assert house.books.directory.find(free.secret)


def test_a_key_cannot_be_made_for_others_or_for_the_admin_side(client: TestClient, house: Sold) -> None:
    """Neither a tenant nor a role may be named."""
    for more in ({"tenant": house.tenant("Other").id}, {"role": "owner"}):
        refused = client.post("/v1/account/keys", json=more)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_field")


@pytest.mark.parametrize("verb", ["rotate", "revoke"])
def test_another_tenants_keys_are_not_there(client: TestClient, house: Sold, verb: str) -> None:
    """Nor are those of the admin side."""
    others = (house.may(house.tenant("Other").id, "classify"), house.key(None, Terms(role="owner")))
    for other in others:
        refused = client.post(f"/v1/account/keys/{other.key.id}/{verb}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
        assert house.books.directory.find(other.secret)


@pytest.mark.parametrize("address", ["", "/usage", "/keys", "/invoices", "/invoices/inv_1"])
def test_other_keys_are_refused(client: TestClient, house: Sold, tenant: str, address: str) -> None:
    """A key for asking sees nothing of the account, nor does one of the admin side."""
    for issued in (house.may(tenant, "classify"), house.key(None, Terms(role="owner"))):
        refused = client.get(f"/v1/account{address}", headers={"authorization": f"Bearer {issued.secret}"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "no_scope")


def test_invoices_are_listed_and_downloaded(client: TestClient, house: Sold) -> None:
    """In each form and in the asked language; another tenant's are not there."""
    (told,) = client.get("/v1/account/invoices").json()["data"]
    assert (told["id"], told["total"], told["state"], told["due"][:4]) == ("inv_1", "12.5", "overdue", "1970")
    assert client.get("/v1/account/invoices/inv_1?format=csv", headers={"accept-language": "zh-CN"}).text == "csv zh"
    assert client.get("/v1/account/invoices/inv_1?format=exe").status_code == 422
    other = {"authorization": f"Bearer {house.may(house.tenant('Other').id, 'account').secret}"}
    assert client.get("/v1/account/invoices", headers=other).json()["data"] == []
    assert client.get("/v1/account/invoices/inv_1", headers=other).status_code == 404
