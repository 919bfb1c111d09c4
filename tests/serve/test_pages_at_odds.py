"""The pages at odds with something: a process that is behind, a form that does not fit, a session that is over."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from sold import PLAN, Sold, released, sold
from sold_papers import Papers
from starlette.testclient import TestClient

from argosy.core.account import Account, Limits
from argosy.core.ledger import RefusedError
from argosy.core.tenant import Tenant, Terms
from argosy.store.database import sqlite_url
from argosy.store.ledger.standing import SqlStandings
from argosy.store.tenants.audit import append


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    """A service that sells, over an SQLite file; a version of its model is in its canary."""
    with sold(sqlite_url(tmp_path_factory.mktemp("odds") / "store.db"), invoices=Papers()) as house:
        released(house)
        yield house


@pytest.fixture
def client(house: Sold) -> TestClient:
    """A browser without cookies, whose reader reads English."""
    return TestClient(
        house.app, base_url="https://testserver", headers={"accept-language": "en"}, raise_server_exceptions=False
    )


@pytest.fixture
def form(client: TestClient, house: Sold) -> str:
    """What the forms of an owner carry, who is signed in."""
    return signed_in(client, "/admin", house.key(None, Terms(role="owner")).secret)


def signed_in(client: TestClient, home: str, secret: str) -> str:
    """What the forms behind the door carry."""
    found = re.search(r'name="csrf_token" value="(\w+)"', client.post(f"{home}/sign-in", data={"key": secret}).text)
    assert found
    return found[1]


@pytest.mark.usefixtures("form")
def test_pages_of_a_tenant_are_whole_where_the_directory_is_behind(client: TestClient, house: Sold) -> None:
    """Another process has just changed the account: limits are told as they stand in the books."""
    tenant = house.tenant("Acme")
    own = TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)
    signed_in(own, "/account", house.may(tenant.id, "account").secret)
    wider = replace(tenant, limits=Limits(quota={"texts": 1234}, budget=5_000_000))
    house.books.directory.refresh = lambda: None
    try:
        house.books.accounts.change_tenant(tenant.id, lambda _: wider, "test").result()
        made = house.books.accounts.create_tenant(wider, "test").result()
        pages = [client.get(f"/admin/tenants/{one}?lang=en") for one in (tenant.id, made.id)] + [own.get("/account")]
    finally:
        del house.books.directory.refresh
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert all("1,234" in page.text for page in pages)


def test_what_a_tenant_used_is_told_whatever_its_plan(house: Sold) -> None:
    """A plan that is not offered any more, or not in the tenant's currency, hides nothing from who must mend it."""

    def pays(account: Account) -> Account:
        raise RefusedError("The plan {plan!r} has no prices.", why="price", plan=account.plan)

    account = Account(tenant=house.tenant().id, plan="gone", currency="USD", limits=Limits(quota={"texts": 7}))
    standing = SqlStandings(house.database, "Asia/Shanghai", pays).standing(account)
    assert (standing.amount, standing.quota_left) == (0, {"texts": 7})


@pytest.mark.usefixtures("form")
def test_a_form_offers_plans_in_the_currency_of_the_tenant(client: TestClient, house: Sold) -> None:
    """Beside the one that it has: others would leave it without a price."""
    wish = Tenant(id="", name="Dollars", plan="gone", currency="USD")
    dollars = house.books.accounts.create_tenant(wish, "test").result().id
    for path, offered in (("", [PLAN.name, PLAN.id]), (f"/{dollars}", ["gone"])):
        text = client.get(f"/admin/tenants{path}").text
        assert re.findall(r'<option value="([^"]*)"', text) == offered


@pytest.mark.parametrize(("seq", "seal"), [("", "f" * 64), ("12", ""), ("1,2", "f" * 64), ("9" * 16, "f" * 64)])
def test_a_noted_entry_that_cannot_be_read_is_not_passed_over(
    client: TestClient, form: str, seq: str, seal: str
) -> None:
    """Whoever asks whether an entry still stands is not told that all is well without a look at it."""
    page = client.post("/admin/audit/verify", data={"csrf_token": form, "seq": seq, "hash": seal})
    assert page.status_code == 422
    assert "Every entry is as it was written" not in page.text


def links(text: str) -> list[str]:
    """The addresses of the same page in other ways, and of the other parts of its list."""
    choices = re.findall(r'href="([^"]*(?:\?|&amp;)(?:lang|theme)=[^"]*)"', text)
    return [unescape(one) for one in choices + re.findall(r'href="([^"]*)" rel="(?:prev|next)"', text)]


def test_links_of_a_page_that_answers_a_form_lead_to_pages(client: TestClient, house: Sold, form: str) -> None:
    """Language, theme and the list's other parts are those of the page that the form stands on."""
    for number in range(26):
        house.key(None, Terms(role="viewer"))
        house.tenant(f"Linked {number}")
    tenant = house.tenant("Links")
    key = house.key(None, Terms(role="viewer")).key.id
    own = house.may(tenant.id, "classify").key.id
    forms: dict[str, dict[str, str]] = {
        "/tenants": {"name": ""},
        f"/tenants/{tenant.id}": {"limits.budget": "x"},
        "/keys": {"role": "viewer"},
        f"/keys/{key}/rotate": {},
        f"/keys/{own}/rotate": {},
        "/releases/mood/shadow": {"version": "2"},
        "/releases/nothing/canary": {},
        "/audit/verify": {},
        "/sign-in": {"key": "x"},
    }
    seen = 0
    for path, fields in forms.items():
        answer = client.post(f"/admin{path}", data={"csrf_token": form, **fields})
        for link in links(answer.text):
            page = client.get(str(answer.url.join(link)), headers={"accept": "text/html"})
            assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html"), (path, link)
            seen += 1
    assert seen > 5 * len(forms)
    mine = signed_in(client, "/account", house.may(tenant.id, "account").secret)
    for path, sent in (("/keys", {"scope": "none"}), ("/sign-in", {"key": "x"})):
        for link in links(client.post(f"/account{path}", data={"csrf_token": mine, **sent}).text):
            assert client.get(link).status_code == 200


def test_a_list_whose_reader_is_signed_out_gives_way_to_the_door(client: TestClient) -> None:
    """A script that asks for a part of a page is told to load the whole one, which asks for a key."""
    asked = client.get("/admin/tenants?q=a", headers={"hx-request": "true"})
    assert asked.headers["hx-refresh"] == "true"
    assert "hx-refresh" not in client.get("/admin/tenants?q=a").headers


def test_a_session_that_is_over_is_not_told_as_a_cookie_that_was_lost(client: TestClient, house: Sold) -> None:
    """The address after signing in says that a cookie was sent; whoever brings it back has kept it."""
    issued = house.key(None, Terms(role="viewer"))
    signed_in(client, "/admin", issued.secret)
    house.books.accounts.revoke_key(issued.key.id, "test").result()
    house.books.directory.refresh()
    told = "The browser did not keep you signed in."
    assert told not in client.get("/admin?signed=1").text
    client.cookies.clear()
    assert told in client.get("/admin?signed=1").text


@pytest.mark.parametrize("fields", [{"limits": "1", "limits.budget": "2"}, {"name.first": "1", "name": "2"}])
def test_fields_that_contradict_each_other_are_refused(
    client: TestClient, house: Sold, form: str, fields: dict[str, str]
) -> None:
    """In words, whichever stands first, like every other form that does not fit."""
    tenant = house.tenant().id
    for sent in (fields, dict(reversed(fields.items()))):
        assert client.post(f"/admin/tenants/{tenant}", data={"csrf_token": form, **sent}).status_code in {400, 422}


def test_a_zero_in_a_text_is_refused_before_a_database_sees_it(client: TestClient, form: str) -> None:
    """PostgreSQL would fail over it."""
    for path in ("/tenants/a%00", "/audit?about=%00", "/tenants?q=a%00b", "/releases/%00"):
        assert client.get(f"/admin{path}").status_code == 404, path
    wish = {"csrf_token": form, "tenant": "a\0", "scope": "none"}
    assert client.post("/admin/keys", data=wish).status_code == 400


def test_what_has_no_name_of_a_file_is_not_found(client: TestClient) -> None:
    """A name longer than any file's, one with a zero in it, and one of another folder are no failures."""
    for name in ("a" * 300 + ".css", "%00.css", "..%2fassets.css", "assets.lock", "ARGOSY.CSS"):
        assert client.get(f"/assets/{name}").status_code == 404, name


def test_details_are_shown_in_the_letters_of_their_language(client: TestClient, house: Sold, form: str) -> None:
    """JSON on a page is for people: no escapes for letters, and no markup out of it either."""
    assert form
    noted = append_to(house, "ten_x", {"label": "好评</pre><b>"})
    text = client.get(f"/admin/audit?about={noted}").text
    assert "好评" in text
    assert "<b>" not in text


def append_to(house: Sold, about: str, details: dict[str, str]) -> str:
    """An entry of the audit log with such details; what it is about."""
    house.database.write(lambda connection: append(connection, "test", "test.note", about, details)).result()
    return about


def test_a_step_of_a_release_is_taken_from_where_its_page_saw_it(tmp_path: Path) -> None:
    """A second click, or one on a page that is old, would else go a step further: to the champion before this one."""
    with sold(sqlite_url(tmp_path / "store.db")) as house:
        released(house)
        client = TestClient(house.app, base_url="https://testserver", headers={"accept-language": "en"})
        form = signed_in(client, "/admin", house.key(None, Terms(role="owner")).secret)

        def seen() -> str:
            revisions = set(re.findall(r'name="revision" value="(\d+)"', client.get("/admin/releases/mood").text))
            assert len(revisions) == 1
            return str(revisions.pop())

        def step(name: str, **fields: str) -> int:
            answer = client.post(f"/admin/releases/mood/{name}", data={"csrf_token": form, **fields})
            assert (answer.status_code == 422) == ("moved meanwhile" in answer.text)
            return answer.status_code

        first = seen()
        assert step("promote", revision=first) == 200
        assert step("shadow", version="1", revision=seen()) == 200
        under_way = seen()
        assert [step(name, revision=first) for name in ("canary", "promote", "rollback")] == [422] * 3
        assert [step("rollback", revision=under_way) for _ in range(2)] == [200, 422]
        champion = re.search(r"<dt>champion</dt><dd>(\d)</dd>", client.get("/admin/releases/mood").text)
        assert champion
        assert champion[1] == "2"
