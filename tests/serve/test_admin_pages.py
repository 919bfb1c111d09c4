"""The operator's pages: who gets in, what each role may see and do, and that foreign forms change nothing."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from shops import shop_in
from sold import Sold, released, sold
from sold_papers import Papers
from starlette.testclient import TestClient
from supporting import InMemory

from argosy.core.account import Role
from argosy.core.support import Asked
from argosy.core.tenant import Terms
from argosy.core.watch import Finding
from argosy.project.watching.books import books_of
from argosy.project.watching.pages import WatchPages
from argosy.serve.gate.roles import ROLES, Permission
from argosy.serve.pages import operator
from argosy.store.database import Database, sqlite_url
from argosy.store.watching.alarms import SqlAlarms

NOBODY = "0" * 24
PAGES: dict[str, Permission] = {
    "": "usage:read",
    "/tenants": "tenants:read",
    "/tenants/TENANT": "tenants:read",
    "/keys": "keys:read",
    "/plans": "money:read",
    "/invoices": "money:read",
    "/releases": "releases:read",
    "/releases/mood": "releases:read",
    "/audit": "audit:read",
    "/settings": "tenants:read",
    "/watch": "watch:read",
    "/alarms": "watch:read",
    "/alarms/ALARM": "watch:read",
    "/labels": "labels:write",
    "/experiments": "releases:read",
    "/support": "support:read",
    "/support/conversations/cnv_0": "support:read",
    "/support/answers": "support:read",
    "/support/numbers": "support:read",
}
FORMS: dict[str, Permission] = {
    "/tenants": "tenants:write",
    "/tenants/TENANT": "tenants:write",
    "/tenants/TENANT/suspend": "tenants:write",
    "/tenants/TENANT/resume": "tenants:write",
    "/keys": "keys:write",
    "/keys/KEY/rotate": "keys:write",
    "/keys/KEY/revoke": "keys:write",
    "/releases/mood/shadow": "releases:write",
    "/releases/mood/canary": "releases:write",
    "/releases/mood/promote": "releases:write",
    "/releases/mood/rollback": "releases:write",
    "/audit/verify": "audit:read",
    "/alarms/ALARM/seen": "watch:write",
    "/labels": "labels:write",
    "/labels/ITEM": "labels:write",
    "/support/conversations/cnv_0/take": "support:write",
    "/support/conversations/cnv_0/say": "support:write",
    "/support/conversations/cnv_0/close": "support:write",
    "/support/conversations/cnv_0/correct": "support:write",
    "/support/answers/ENTRY": "support:write",
}


@pytest.fixture(scope="module")
def papers() -> Papers:
    """The seller's invoices."""
    return Papers()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Sold]:
    """A service that sells, over an SQLite file; a version of its model is in its canary."""
    folder = tmp_path_factory.mktemp("operator")

    def watched(database: Database) -> WatchPages:
        return WatchPages(books=books_of(shop_in(folder), database), database=database)

    supported = InMemory()
    supported.ask(Asked(id="m", channel="widget", peer="p", text="When is it sent?"))
    with sold(sqlite_url(folder / "store.db"), invoices=papers, watched=watched, supported=supported) as house:
        released(house)
        finding = Finding(model="mood", signal="errors", direction="up", since=0, at=1, value=0.1, usual=0.0, size=5)
        assert SqlAlarms(house.database).open(finding, at=1).result()
        papers.tenant = house.tenant("深蓝书店 & Söhne").id
        yield house


@pytest.fixture
def client(house: Sold) -> TestClient:
    """A browser without cookies."""
    return TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def secrets(house: Sold) -> dict[str, str]:
    """A secret of each role."""
    return {role: house.key(None, Terms(role=role)).secret for role in ROLES}


def sign_in(client: TestClient, secret: str) -> str:
    """What the forms of the pages behind the door carry."""
    response = client.post("/admin/sign-in?lang=en", data={"key": secret})
    assert response.status_code == 200
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', response.text)
    assert found
    return found[1]


def test_a_stranger_is_asked_for_a_key_at_every_page(client: TestClient) -> None:
    """Without a session no page shows anything of anybody."""
    for path in PAGES:
        response = client.get(f"/admin{path}".replace("TENANT", f"ten_{NOBODY}"))
        assert response.status_code == 200
        assert 'name="key"' in response.text
        assert "<table" not in response.text


@pytest.mark.parametrize("kind", ["unknown", "a tenant's", "revoked"])
def test_other_keys_do_not_open_it(client: TestClient, house: Sold, papers: Papers, kind: str) -> None:
    """A key that is unknown, over, or a tenant's is refused at the door."""
    secret = "ak_live_x" if kind == "unknown" else house.may(papers.tenant, "account").secret
    if kind == "revoked":
        issued = house.key(None, Terms(role="owner"))
        house.books.accounts.revoke_key(issued.key.id, "test").result()
        house.books.directory.refresh()
        secret = issued.secret
    response = client.post("/admin/sign-in", data={"key": secret})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


def test_a_tenants_session_does_not_open_the_operators_side(client: TestClient, house: Sold, papers: Papers) -> None:
    """Nor the other way round: each side has a cookie of its own, and looks at the key behind it."""
    client.post("/account/sign-in", data={"key": house.may(papers.tenant, "account").secret})
    token = client.cookies["__Host-argosy"]
    response = client.get("/admin", headers={"cookie": f"__Host-argosy-admin={token}"})
    assert 'name="key"' in response.text


@pytest.mark.parametrize(("path", "role", "language"), list(itertools.product(PAGES, ROLES, ("en", "zh"))))
def test_every_page_by_every_role_in_both_languages(
    client: TestClient, house: Sold, secrets: dict[str, str], papers: Papers, path: str, role: Role, language: str
) -> None:
    """A role sees what it may, and no form that it may not send."""
    sign_in(client, secrets[role])
    address = f"/admin{path}?lang={language}".replace("TENANT", papers.tenant).replace("ALARM", alarm_of(house))
    response = client.get(address)
    assert response.status_code == (200 if PAGES[path] in ROLES[role] or not path else 403)
    if not response.history:  # who may not see the first page is led to another one
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in response.text
    for action in re.findall(r'<form[^>]*method="post" action="/admin/([^"]*)"', response.text):
        (form,) = (form for form in (*FORMS, "/sign-out") if fits(form, action))
        assert form == "/sign-out" or FORMS[form] in ROLES[role]


def alarm_of(house: Sold) -> str:
    """The id of the alarm that is open."""
    return SqlAlarms(house.database).all()[0].id


def fits(form: str, action: str) -> bool:
    """Whether an address is that of a form, by its template."""
    pattern = form.replace("TENANT", "ten_[0-9a-f]+").replace("KEY", "key_[0-9a-f]+")
    pattern = pattern.replace("ALARM/seen", "alm_[0-9a-f]+/(seen|usual)").replace("ENTRY", "ans_[0-9]+")
    return re.fullmatch(pattern, f"/{action}") is not None


def test_every_route_of_the_operators_pages_is_listed(house: Sold) -> None:
    """A page or a form that is added without saying who may use it is found here."""
    found = {(method, path) for method, path in addresses(house.app.routes) if path.startswith("/admin")}
    found = {(method, re.sub(r"\{(\w+)\}", "X", path)) for method, path in found if not path.startswith("/admin/v1")}
    named = [("GET", path) for path in PAGES] + [("POST", path) for path in (*FORMS, "/sign-in", "/sign-out")]
    listed = {
        (method, "/admin" + re.sub("TENANT|KEY|mood|ALARM|ITEM|seen|cnv_0|ENTRY", "X", path)) for method, path in named
    }
    assert found == listed | {("GET", "/admin/invoices/X/X")}


def addresses(routes: Any) -> Iterator[tuple[str, str]]:
    """Methods and paths of an app's routes, those of its routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from addresses(inner.routes)
        for method in getattr(route, "methods", None) or ():
            yield method, route.path


@pytest.mark.parametrize(("path", "role"), list(itertools.product(FORMS, ROLES)))
def test_a_form_that_a_role_may_not_send_is_refused(
    client: TestClient, house: Sold, secrets: dict[str, str], papers: Papers, path: str, role: Role
) -> None:
    """Whoever sends it anyhow changes nothing; whoever may is let through to what it does."""
    form = sign_in(client, secrets[role])
    address = f"/admin{path}".replace("TENANT", f"ten_{NOBODY}").replace("KEY", f"key_{NOBODY}")
    address = address.replace("ALARM", f"alm_{NOBODY}").replace("ITEM", f"lab_{NOBODY}")
    before = house.audit.head()
    response = client.post(address.replace("mood", "nothing"), data={"csrf_token": form})
    if FORMS[path] in ROLES[role]:
        assert response.status_code in {200, 404, 422}, path
    else:
        assert (response.status_code, "no_permission" in response.text) == (403, True)
    assert house.audit.head() == before


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("attack", ["no proof", "another's proof", "another site"])
def test_a_foreign_form_changes_nothing(
    client: TestClient, house: Sold, secrets: dict[str, str], papers: Papers, path: str, attack: str
) -> None:
    """A form without the page's own proof, or sent from another site, is refused."""
    form = sign_in(client, secrets["owner"])
    before = house.audit.head()
    proof = {"no proof": {}, "another's proof": {"csrf_token": "0" * 64}, "another site": {"csrf_token": form}}[attack]
    headers = {"sec-fetch-site": "cross-site"} if attack == "another site" else {}
    address = f"/admin{path}".replace("TENANT", papers.tenant).replace("KEY", f"key_{NOBODY}")
    address = address.replace("ALARM", f"alm_{NOBODY}").replace("ITEM", f"lab_{NOBODY}")
    response = client.post(address, data={"name": "X", "role": "owner", **proof}, headers=headers)
    assert (response.status_code, "form_over" in response.text) == (403, True)
    assert house.audit.head() == before


def test_a_tenant_is_made_changed_and_suspended(client: TestClient, house: Sold, secrets: dict[str, str]) -> None:
    """By the same acts as over JSON, under the name of the key that is signed in."""
    form = sign_in(client, secrets["owner"])
    wish = {"name": "Neue Kundin", "limits.budget": "100.50", "limits.quota.texts": "10", "limits.concurrent": ""}
    made = client.post("/admin/tenants", data={"csrf_token": form, **wish})
    id_ = str(made.url).rpartition("/")[2].partition("?")[0]
    known = house.books.accounts.tenant(id_)
    assert (known.name, known.limits.budget, known.limits.quota) == ("Neue Kundin", 100_500_000, {"texts": 10})
    client.post(f"/admin/tenants/{id_}", data={"csrf_token": form, "name": "Kundin", "limits.budget": ""})
    changed = house.books.accounts.tenant(id_)
    assert (changed.name, changed.limits.budget, changed.limits.quota) == ("Kundin", None, {"texts": 10})
    client.post(f"/admin/tenants/{id_}/suspend", data={"csrf_token": form})
    assert house.books.accounts.tenant(id_).suspended == "operator"
    client.post(f"/admin/tenants/{id_}/resume", data={"csrf_token": form})
    assert house.books.accounts.tenant(id_).suspended is None
    caller = house.books.directory.find(secrets["owner"])
    assert caller
    assert {entry.actor for entry in house.audit.entries(about=id_)} == {caller.key.id}


def test_money_is_the_owners_on_pages_too(
    client: TestClient, house: Sold, secrets: dict[str, str], papers: Papers
) -> None:
    """An operator sees no field of money, and is refused when it sends one."""
    form = sign_in(client, secrets["operator"])
    assert "limits.budget" not in client.get(f"/admin/tenants/{papers.tenant}").text
    refused = client.post(f"/admin/tenants/{papers.tenant}", data={"csrf_token": form, "limits.budget": "1"})
    assert (refused.status_code, "no_permission" in refused.text) == (403, True)
    assert house.books.accounts.tenant(papers.tenant).limits.budget is None


def test_what_is_wrong_with_a_form_is_told_beside_its_field(client: TestClient, secrets: dict[str, str]) -> None:
    """On the page that it stands on, in the reader's language."""
    form = sign_in(client, secrets["owner"])
    response = client.post("/admin/tenants?lang=zh", data={"csrf_token": form, "name": "X", "limits.budget": "1e9"})
    assert response.status_code == 422
    assert re.search(r'name="limits.budget"[^>]* aria-invalid="true"', response.text)


def test_a_key_is_made_shown_once_rotated_and_revoked(
    client: TestClient, house: Sold, secrets: dict[str, str], papers: Papers
) -> None:
    """Of a tenant and of the admin side; a secret is in one answer alone."""
    form = sign_in(client, secrets["owner"])
    for wish, home in (
        ({"tenant": papers.tenant, "scope": ["classify"], "days": "30"}, f"/admin/tenants/{papers.tenant}"),
        ({"role": "viewer"}, "/admin/keys"),
    ):
        made = re.search(
            r"ak_(?:live|admin)_\w{49}", client.post("/admin/keys", data={"csrf_token": form, **wish}).text
        )
        assert made
        caller = house.books.directory.find(made[0])
        assert caller
        assert caller.key.role == wish.get("role")
        assert made[0] not in client.get(home).text
        rotated = client.post(f"/admin/keys/{caller.key.id}/rotate", data={"csrf_token": form}).text
        assert re.search(r"ak_(?:live|admin)_\w{49}", rotated)
        client.post(f"/admin/keys/{caller.key.id}/revoke", data={"csrf_token": form})
        assert house.books.directory.fate(made[0]) == "revoked"


def test_tenants_are_searched_and_paged(client: TestClient, house: Sold, secrets: dict[str, str]) -> None:
    """By name or id, a page at a time, the newest first."""
    for number in range(27):
        house.tenant(f"Paged {number:02}")
    sign_in(client, secrets["viewer"])
    names = re.compile(r"Paged \d\d")
    one = names.findall(client.get("/admin/tenants?q=paged").text)
    two = names.findall(client.get("/admin/tenants?q=paged&page=2").text)
    assert [*one, *two] == [f"Paged {number:02}" for number in range(26, -1, -1)]
    assert names.findall(client.get("/admin/tenants?q=paged&page=99").text) == two
    assert "深蓝书店 &amp; Söhne" in client.get("/admin/tenants?q=söhne").text


def test_invoices_are_downloaded_drafts_too(client: TestClient, secrets: dict[str, str]) -> None:
    """The operator sees drafts, in the language of the page."""
    sign_in(client, secrets["viewer"])
    assert "inv_2" in client.get("/admin/invoices?state=draft").text
    assert "inv_2" not in client.get("/admin/invoices?state=overdue").text
    response = client.get("/admin/invoices/inv_2/csv?lang=zh")
    assert response.content == b"csv zh"
    assert response.headers["content-disposition"] == 'attachment; filename="inv_2.csv"'
    assert client.get("/admin/invoices/inv_3/csv").status_code == 404


def test_a_release_shows_its_evidence_and_is_rolled_back(
    client: TestClient, house: Sold, secrets: dict[str, str]
) -> None:
    """Failures with their intervals; a step that is too early is refused in words, on the page."""
    form = sign_in(client, secrets["operator"])
    text = client.get("/admin/releases/mood").text
    assert "2.00%" in text
    assert re.search(r"\[0\.\d\d%, \d\.\d\d%\]", text)
    refused = client.post("/admin/releases/mood/shadow", data={"csrf_token": form, "version": "2"})
    assert (refused.status_code, "already" in refused.text) == (422, True)
    client.post("/admin/releases/mood/rollback", data={"csrf_token": form})
    try:
        assert "steady" in client.get("/admin/releases").text
    finally:
        released(house, again=True)


def test_the_audit_log_is_read_filtered_and_proven(
    client: TestClient, secrets: dict[str, str], papers: Papers, house: Sold
) -> None:
    """The newest first; a head noted before is looked for, and one that never was is missed."""
    form = sign_in(client, secrets["viewer"])
    text = client.get(f"/admin/audit?about={papers.tenant}").text
    assert "tenant.create" in text
    assert "release.shadow" not in text
    seq, seal = house.audit.head()
    proven = client.post("/admin/audit/verify", data={"csrf_token": form, "seq": str(seq), "hash": seal}).text
    assert "Every entry is as it was written" in proven
    missed = client.post("/admin/audit/verify", data={"csrf_token": form, "seq": str(seq), "hash": "f" * 64}).text
    assert f"The audit log does not hold the entry {seq} that was noted." in missed


def test_a_log_that_was_changed_is_found_on_the_page(house: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the entry that does not fit."""
    monkeypatch.setattr("argosy.store.tenants.audit.START", "1" * 64)
    told = operator.proof(house.books, None)
    assert told["broken"].values == {"seq": 1}
