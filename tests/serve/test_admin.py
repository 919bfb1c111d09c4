"""The admin side over HTTP: every route by every role, what each does, and what a key may not."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sold import PLAN, Sold, sold
from starlette.testclient import TestClient

from argosy.core.account import Role
from argosy.core.tenant import Terms
from argosy.serve.gate.roles import PERMISSIONS, ROLES, Permission
from argosy.store.database import sqlite_url

NOBODY = "0" * 24
ROUTES: dict[tuple[str, str], Permission] = {
    ("GET", "/admin/v1/tenants"): "tenants:read",
    ("POST", "/admin/v1/tenants"): "tenants:write",
    ("GET", "/admin/v1/tenants/{tenant}"): "tenants:read",
    ("PATCH", "/admin/v1/tenants/{tenant}"): "tenants:write",
    ("POST", "/admin/v1/tenants/{tenant}/suspend"): "tenants:write",
    ("POST", "/admin/v1/tenants/{tenant}/resume"): "tenants:write",
    ("GET", "/admin/v1/keys"): "keys:read",
    ("POST", "/admin/v1/keys"): "keys:write",
    ("POST", "/admin/v1/keys/{key}/rotate"): "keys:write",
    ("POST", "/admin/v1/keys/{key}/revoke"): "keys:write",
    ("GET", "/admin/v1/usage"): "usage:read",
    ("GET", "/admin/v1/audit"): "audit:read",
    ("GET", "/admin/v1/audit/head"): "audit:read",
    ("GET", "/admin/v1/releases"): "releases:read",
    ("GET", "/admin/v1/releases/{model}"): "releases:read",
    ("GET", "/admin/v1/releases/{model}/history"): "releases:read",
    ("POST", "/admin/v1/releases/{model}/shadow"): "releases:write",
    ("POST", "/admin/v1/releases/{model}/canary"): "releases:write",
    ("POST", "/admin/v1/releases/{model}/promote"): "releases:write",
    ("POST", "/admin/v1/releases/{model}/rollback"): "releases:write",
    ("POST", "/admin/v1/releases/{model}/pin"): "releases:write",
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/admin/v1/tenants"): {"name": "Acme"},
    ("POST", "/admin/v1/keys"): {"role": "viewer"},
}
MONEY: tuple[dict[str, Any], ...] = (
    {"plan": "gold"},
    {"price": "own:CNY@1"},
    {"price": None},
    {"currency": "USD"},
    {"limits": {"budget": "1000.00"}},
    {"limits": {"prepaid": False}},
)
ABLE: dict[Role, set[str]] = {
    "owner": {
        "tenants:write",
        "keys:write",
        "money:write",
        "releases:write",
        "privacy:write",
        "watch:write",
        "labels:write",
        "support:write",
        "opinion:write",
        "recommend:write",
    },
    "operator": {
        "tenants:write",
        "releases:write",
        "privacy:write",
        "watch:write",
        "labels:write",
        "support:write",
        "opinion:write",
        "recommend:write",
    },
    "viewer": set(),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    """A service that sells, over an SQLite file."""
    with sold(sqlite_url(tmp_path_factory.mktemp("admin") / "store.db")) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: Sold) -> Iterator[TestClient]:
    """A client of it without a key."""
    with TestClient(house.app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def heads(house: Sold) -> dict[str, dict[str, str]]:
    """The head with a key of each role, and of a tenant that may do all that tenants may."""
    tenant = house.tenant().id
    secrets = {role: house.key(None, Terms(role=role)).secret for role in ROLES}
    secrets["tenant"] = house.may(tenant, "account", "classify", "data").secret
    return {name: {"authorization": f"Bearer {secret}"} for name, secret in secrets.items()}


def code(response: Any) -> str:
    """The code of an error."""
    return str(response.json()["error"]["code"])


def test_the_roles_differ_as_they_are_told() -> None:
    """An annotator labels, an agent answers; a viewer looks, but not at conversations; an operator changes most."""
    looks = {permission for permission in PERMISSIONS if permission.endswith(":read")}
    assert {role: set(permissions) for role, permissions in ROLES.items()} == {
        **{role: looks | able for role, able in ABLE.items()},
        "viewer": looks - {"support:read"},
        "annotator": {"labels:write", "opinion:read", "opinion:write"},
        "agent": {"support:read", "support:write"},
    }


def test_every_route_of_the_admin_side_is_listed(house: Sold) -> None:
    """A route that is added without saying who may use it is found here."""
    described = house.app.openapi()["paths"]
    found = {
        (method.upper(), path) for path, methods in described.items() for method in methods if path.startswith("/admin")
    }
    assert found == set(ROUTES)


@pytest.mark.parametrize(("route", "name"), list(itertools.product(ROUTES, [*ROLES, "tenant", "nobody", "stranger"])))
def test_every_route_by_every_role(
    client: TestClient, heads: dict[str, dict[str, str]], route: tuple[str, str], name: str
) -> None:
    """Let in exactly where the role has the permission; nobody else comes near, and who may not changes nothing."""
    method, template = route
    path = template.format(tenant=f"ten_{NOBODY}", key=f"key_{NOBODY}", model="mood")
    head = heads.get(name, {"authorization": "Bearer ak_live_x"} if name == "stranger" else {})
    response = client.request(method, path, headers=head, json=BODIES.get(route, {}))
    if name in ROLES and ROUTES[route] in ROLES[name]:
        assert response.status_code in {200, 201, 404, 409, 422}
    elif name in heads:
        assert (response.status_code, code(response)) == (403, "no_permission")
    else:
        assert (response.status_code, code(response)) == (401, "missing_key" if name == "nobody" else "invalid_key")


@pytest.mark.parametrize("patch", MONEY)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_money_is_the_owners(
    client: TestClient, heads: dict[str, dict[str, str]], patch: dict[str, Any], method: str
) -> None:
    """An operator sets up tenants and their rates, but not what they pay or may spend."""
    made = client.post("/admin/v1/tenants", headers=heads["operator"], json={"name": "A", "limits": {"concurrent": 2}})
    assert made.status_code == 201
    address = "/admin/v1/tenants" + ("" if method == "POST" else f"/{made.json()['id']}")
    body = {"name": "B", **patch}
    refused = client.request(method, address, headers=heads["operator"], json=body)
    assert (refused.status_code, code(refused)) == (403, "no_permission")
    assert client.request(method, address, headers=heads["owner"], json=body).status_code == (
        201 if method == "POST" else 200
    )


def test_a_tenant_is_patched_as_json_merge_patch_says(client: TestClient, heads: dict[str, dict[str, str]]) -> None:
    """What is sent changes, null takes away, the rest stays, inside of tables too."""
    owner = heads["owner"]
    wish = {
        "name": "深蓝书店",
        "limits": {"budget": "100.50", "quota": {"texts": 10, "rows": 5}, "requests_per_minute": 60},
        "pins": {"mood": "1", "tone": "2"},
        "billing": {"title": "深蓝书店有限公司", "taxpayer": "91310000MA1FL0000X"},
    }
    made = client.post("/admin/v1/tenants", headers=owner, json=wish).json()
    patch = {"limits": {"budget": None, "quota": {"rows": None}}, "pins": {"tone": None}, "billing": {"email": "a@b.c"}}
    changed = client.patch(f"/admin/v1/tenants/{made['id']}", headers=owner, json=patch).json()
    assert made["limits"]["budget"] == "100.5"
    assert changed["limits"] == {**made["limits"], "budget": None, "quota": {"texts": 10}}
    assert changed["pins"] == {"mood": "1"}
    assert changed["billing"] == {**made["billing"], "email": "a@b.c"}
    assert client.get(f"/admin/v1/tenants/{made['id']}", headers=owner).json() == changed


def test_a_key_is_told_once_and_works_at_once(
    client: TestClient, house: Sold, heads: dict[str, dict[str, str]]
) -> None:
    """From creation through rotation to its end; lists never hold a secret."""
    owner, tenant = heads["owner"], house.tenant().id
    made = client.post(
        "/admin/v1/keys", headers=owner, json={"tenant": tenant, "scopes": ["account"], "expires_in": 3600}
    ).json()
    head = {"authorization": f"Bearer {made['secret']}"}
    assert client.get("/v1/account", headers=head).json()["tenant"] == tenant
    new = client.post(f"/admin/v1/keys/{made['id']}/rotate", headers=owner, json={"grace": 0}).json()
    assert client.get("/v1/account", headers=head).status_code == 401
    head = {"authorization": f"Bearer {new['secret']}"}
    assert client.get("/v1/account", headers=head).status_code == 200
    listed = client.get(f"/admin/v1/keys?tenant={tenant}", headers=owner)
    assert [key["id"] for key in listed.json()["data"]] == [made["id"]]
    assert new["secret"] not in listed.text
    client.post(f"/admin/v1/keys/{made['id']}/revoke", headers=owner)
    assert client.get("/v1/account", headers=head).status_code == 401
    again = client.post(f"/admin/v1/keys/{made['id']}/rotate", headers=owner)
    assert (again.status_code, code(again)) == (422, "invalid_value")


def test_a_suspended_tenant_is_refused_until_it_is_resumed(
    client: TestClient, house: Sold, heads: dict[str, dict[str, str]]
) -> None:
    """It still sees its account, where the reason stands."""
    tenant = house.tenant().id
    head = {"authorization": f"Bearer {house.may(tenant, 'account', 'classify').secret}"}
    ask = {"input": "a text"}
    client.post(f"/admin/v1/tenants/{tenant}/suspend", headers=heads["operator"], json={"reason": "unpaid"})
    assert code(client.post("/v1/classify", headers=head, json=ask)) == "suspended"
    assert client.get("/v1/account", headers=head).json()["suspended"] == "unpaid"
    client.post(f"/admin/v1/tenants/{tenant}/resume", headers=heads["operator"])
    assert client.get("/v1/account", headers=head).json()["status"] == "active"


def test_what_was_done_stands_in_the_audit_log(
    client: TestClient, house: Sold, heads: dict[str, dict[str, str]]
) -> None:
    """By the id of the key that did it; the log can be read in parts and verified by its head."""
    owner = heads["owner"]
    made = client.post("/admin/v1/tenants", headers=owner, json={"name": "Someone"}).json()
    entries = client.get(f"/admin/v1/audit?about={made['id']}", headers=heads["viewer"]).json()["data"]
    caller = house.books.directory.find(owner["authorization"].removeprefix("Bearer "))
    assert caller
    assert [(one["actor"], one["action"]) for one in entries] == [(caller.key.id, "tenant.create")]
    assert "Someone" not in str(entries)
    head = client.get("/admin/v1/audit/head", headers=heads["viewer"]).json()
    assert (head["seq"], head["hash"]) == house.audit.verify()
    part = client.get(f"/admin/v1/audit?after={head['seq'] - 1}", headers=heads["viewer"]).json()["data"]
    assert [one["hash"] for one in part] == [head["hash"]]


@pytest.mark.parametrize(
    ("address", "body", "expected"),
    [
        ("tenants", {}, (422, "missing_field", "name")),
        ("tenants", {"name": ""}, (422, "invalid_value", "name")),
        ("tenants", {"name": "x", "colour": 1}, (422, "unknown_field", "colour")),
        ("tenants", {"name": "x", "limits": {"budget": "1e9"}}, (422, "invalid_value", "limits.budget")),
        ("tenants", {"name": "x", "limits": {"budget": "-1"}}, (422, "invalid_value", "limits.budget")),
        ("tenants", {"name": "x", "limits": {"quota": {"tea": 1}}}, (422, "invalid_value", "limits.quota.tea.[key]")),
        ("tenants", {"name": "x", "currency": "XYZ"}, (422, "invalid_value", "currency")),
        ("keys", {}, (422, "invalid_value", "role")),
        ("keys", {"tenant": f"ten_{NOBODY}", "role": "owner"}, (422, "invalid_value", "role")),
        ("keys", {"tenant": f"ten_{NOBODY}", "scopes": ["fly"]}, (422, "invalid_value", "scopes.0")),
        ("keys", {"tenant": f"ten_{NOBODY}", "origins": ["javascript:x"]}, (422, "invalid_value", "origins.0")),
        ("keys", {"tenant": f"ten_{NOBODY}"}, (404, "not_found", None)),
        ("tenants", [], (422, "invalid_value", None)),
    ],
)
def test_what_is_wrong_is_named(
    client: TestClient, heads: dict[str, dict[str, str]], address: str, body: Any, expected: tuple[int, str, str | None]
) -> None:
    """With the part of the body at fault."""
    response = client.post(f"/admin/v1/{address}", headers=heads["owner"], json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == expected


@pytest.mark.parametrize(
    "address",
    ["tenants/x", "tenants/ten_%00", "audit?after=-1", f"audit?after={10**30}", "audit?about=%00", "keys?tenant="],
)
def test_addresses_are_checked_before_the_store_is_asked(
    client: TestClient, heads: dict[str, dict[str, str]], address: str
) -> None:
    """A value that cannot be is refused in the form of every other error, not by the database."""
    response = client.get(f"/admin/v1/{address}", headers=heads["owner"])
    assert (response.status_code, code(response)) == (422, "invalid_value")


def test_usage_is_told_for_each_tenant(client: TestClient, house: Sold, heads: dict[str, dict[str, str]]) -> None:
    """Nothing used is told as nothing, with the month."""
    tenant = house.tenant().id
    (told,) = client.get(f"/admin/v1/usage?tenant={tenant}", headers=heads["viewer"]).json()["data"]
    assert (told["tenant"], told["currency"], told["amount"], told["used"]) == (tenant, "CNY", "0", [])
    assert len(client.get("/admin/v1/usage", headers=heads["viewer"]).json()["data"]) > 1
    missing = client.get(f"/admin/v1/usage?tenant=ten_{NOBODY}", headers=heads["viewer"])
    assert (missing.status_code, code(missing)) == (404, "not_found")


def test_new_tenants_have_the_services_plan(client: TestClient, heads: dict[str, dict[str, str]]) -> None:
    """Who names none gets what the project file names."""
    made = client.post("/admin/v1/tenants", headers=heads["owner"], json={"name": "x"}).json()
    assert (made["plan"], made["currency"], made["status"]) == (PLAN.id, "CNY", "active")
