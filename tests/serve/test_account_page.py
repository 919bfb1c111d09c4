"""The tenant's page: who gets in, what it shows in both languages, and that foreign forms change nothing."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from sold import Sold, sold
from sold_papers import Papers
from starlette.requests import Request
from starlette.testclient import TestClient

from argosy.core.tenant import Terms
from argosy.serve.errors import RequestError
from argosy.serve.routes import signed
from argosy.store.database import sqlite_url
from argosy.web import policy


@pytest.fixture(scope="module")
def papers() -> Papers:
    """The seller's invoices."""
    return Papers()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Sold]:
    """A service that sells, over an SQLite file."""
    with sold(sqlite_url(tmp_path_factory.mktemp("page") / "store.db"), invoices=papers) as house:
        yield house


@pytest.fixture
def client(house: Sold) -> Iterator[TestClient]:
    """A browser without cookies."""
    with TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def tenant(house: Sold, papers: Papers) -> str:
    """A tenant that the invoices are for."""
    papers.tenant = house.tenant("深蓝书店 & Söhne").id
    return papers.tenant


@pytest.fixture
def secret(house: Sold, tenant: str) -> str:
    """A key of the tenant that opens its page."""
    return house.may(tenant, "account").secret


def sign_in(client: TestClient, secret: str) -> str:
    """The page behind the door."""
    response = client.post("/account/sign-in?lang=en", data={"key": secret})
    assert response.status_code == 200
    return response.text


def form_of(text: str) -> str:
    """What the page's forms prove themselves with."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def test_a_stranger_is_asked_for_a_key(client: TestClient) -> None:
    """Without a session the page asks for a key and shows nothing of anybody."""
    response = client.get("/account")
    assert response.status_code == 200
    assert 'name="key"' in response.text
    assert "深蓝书店" not in response.text


def test_signing_in_shows_the_account(client: TestClient, secret: str) -> None:
    """A key with the scope `account` opens the page of its tenant, whose name is shown as text."""
    text = sign_in(client, secret)
    assert "深蓝书店 &amp; Söhne" in text
    assert "CN¥12.50" in text


def test_the_cookie_is_for_this_host_and_no_script(client: TestClient, secret: str) -> None:
    """Secure, HttpOnly, SameSite=Strict, and a token that is not the key."""
    response = client.post("/account/sign-in", data={"key": secret}, follow_redirects=False)
    cookie = response.headers["set-cookie"]
    assert response.status_code == 303
    assert cookie.startswith("__Host-argosy=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=strict",
        "secure",
    }
    assert secret not in cookie


@pytest.mark.parametrize("kind", ["unknown", "no scope", "admin", "revoked"])
def test_other_keys_do_not_open_it(client: TestClient, house: Sold, tenant: str, kind: str) -> None:
    """A key that is unknown, over, of the admin side, or for asking only is refused at the door."""
    issued = house.key(None, Terms(role="owner")) if kind == "admin" else house.may(tenant, "classify")
    if kind == "revoked":
        issued = house.may(tenant, "account")
        house.books.accounts.revoke_key(issued.key.id, "test").result()
        house.books.directory.refresh()
    response = client.post("/account/sign-in", data={"key": issued.secret if kind != "unknown" else "ak_live_x"})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


def test_a_form_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody, signed in or not, holds a connection by half a form."""
    monkeypatch.setattr(signed, "_FORM_SECONDS", 0.05)

    async def read() -> None:
        async with asyncio.timeout(30):
            await signed.fields_of(Request({"type": "http", "method": "POST", "headers": []}, asyncio.Event().wait))  # type: ignore[arg-type]

    with pytest.raises(RequestError) as caught:
        asyncio.run(read())
    assert caught.value.code == "body_too_slow"


def test_a_revoked_key_ends_its_sessions(client: TestClient, house: Sold, tenant: str) -> None:
    """Who signed in with a key is out as soon as the key is."""
    issued = house.may(tenant, "account")
    sign_in(client, issued.secret)
    house.books.accounts.revoke_key(issued.key.id, "test").result()
    house.books.directory.refresh()
    assert 'name="key"' in client.get("/account").text


def test_a_secret_that_is_over_ends_its_sessions(client: TestClient, house: Sold, tenant: str) -> None:
    """Whoever stole the old secret is out with it, and cannot take the new one from the page."""
    issued = house.may(tenant, "account")
    sign_in(client, issued.secret)
    house.books.accounts.rotate_key(issued.key.id, 0, "test").result()
    assert 'name="key"' in client.get("/account").text


def test_signing_out_ends_the_session_everywhere(client: TestClient, secret: str) -> None:
    """The token is over, not just forgotten by this browser."""
    text = sign_in(client, secret)
    cookie = client.cookies["__Host-argosy"]
    client.post("/account/sign-out", data={"csrf_token": form_of(text)})
    client.cookies.set("__Host-argosy", cookie, domain="testserver.local")
    assert 'name="key"' in client.get("/account", headers={"cookie": f"__Host-argosy={cookie}"}).text


def test_a_key_is_made_shown_once_rotated_and_revoked(client: TestClient, house: Sold, secret: str) -> None:
    """The forms of the page do what they say, and a secret is in one answer alone."""
    form = form_of(sign_in(client, secret))
    made = client.post("/account/keys", data={"csrf_token": form, "scope": ["classify", "embed"], "days": "30"}).text
    shown = re.search(r"ak_live_\w{49}", made)
    assert shown
    caller = house.books.directory.find(shown[0])
    assert caller
    assert caller.key.scopes == {"classify", "embed"}
    assert caller.key.expires is not None
    assert shown[0] not in client.get("/account").text
    rotated = re.search(
        r"ak_live_\w{49}", client.post(f"/account/keys/{caller.key.id}/rotate", data={"csrf_token": form}).text
    )
    assert rotated
    assert house.books.directory.fate(shown[0]) == house.books.directory.fate(rotated[0]) == "valid"
    client.post(f"/account/keys/{caller.key.id}/revoke", data={"csrf_token": form})
    assert house.books.directory.fate(shown[0]) == house.books.directory.fate(rotated[0]) == "revoked"


@pytest.mark.parametrize("path", ["sign-out", "keys", "keys/KEY/rotate", "keys/KEY/revoke"])
@pytest.mark.parametrize("attack", ["no proof", "another's proof", "another site"])
def test_a_foreign_form_changes_nothing(
    client: TestClient, house: Sold, tenant: str, secret: str, path: str, attack: str
) -> None:
    """A form without the page's own proof, or sent from another site, is refused."""
    form = form_of(sign_in(client, secret))
    victim = house.may(tenant, "classify")
    before = house.audit.head()
    proof = {"no proof": {}, "another's proof": {"csrf_token": "0" * 64}, "another site": {"csrf_token": form}}[attack]
    headers = {"sec-fetch-site": "cross-site"} if attack == "another site" else {}
    response = client.post(f"/account/{path.replace('KEY', victim.key.id)}", data=proof, headers=headers)
    assert (response.status_code, "form_over" in response.text) == (403, True)
    assert house.audit.head() == before
    assert "form_over" not in client.get("/account").text


def test_another_tenants_key_is_not_there(client: TestClient, house: Sold, secret: str) -> None:
    """Who guesses an id of another tenant's key gets what a wrong id gets."""
    form = form_of(sign_in(client, secret))
    other = house.may(house.tenant("Other").id, "classify")
    for key in (other.key.id, "key_" + "0" * 24):
        response = client.post(f"/account/keys/{key}/revoke", data={"csrf_token": form})
        assert (response.status_code, "not_found" in response.text) == (404, True)
    assert house.books.directory.find(other.secret) is not None


def test_invoices_are_downloaded_in_the_pages_language(client: TestClient, secret: str) -> None:
    """Each form of an invoice comes as a file; what is not the tenant's own is not there."""
    sign_in(client, secret)
    response = client.get("/account/invoices/inv_1/csv?lang=zh")
    assert response.content == b"csv zh"
    assert response.headers["content-disposition"] == 'attachment; filename="inv_1.csv"'
    assert client.get("/account/invoices/inv_2/csv").status_code == 404


@pytest.mark.parametrize(("language", "code"), [("en", "en"), ("zh", "zh-CN")])
def test_the_page_speaks_both_languages(client: TestClient, secret: str, language: str, code: str) -> None:
    """By `?lang=` or by the browser's own language, whole pages and refusals alike."""
    for text in (
        client.get(f"/account?lang={language}").text,
        client.get("/account", headers={"accept-language": f"{code},en;q=0.5"}).text,
        client.post(f"/account/sign-in?lang={language}", data={"key": secret}).text,
        client.post(f"/account/sign-in?lang={language}", data={"key": "x"}).text,
    ):
        assert f'<html lang="{code}">' in text


def test_nothing_foreign_is_loaded_and_nothing_kept(client: TestClient, secret: str) -> None:
    """The policy allows the service's own files and forms alone; no cache keeps it, and no script is in it."""
    text = sign_in(client, secret)
    response = client.get("/account")
    assert response.headers["content-security-policy"] == policy.content_policy()
    assert response.headers["cache-control"] == "no-store"
    assert re.findall(r"<script(?![^>]* src=\"/assets/)", text) == re.findall(r" (?:style|on\w+)=", text) == []


def test_a_suspended_tenant_sees_why(client: TestClient, house: Sold) -> None:
    """Suspension closes the API, not the page on which the debt is seen."""
    tenant = house.tenant("Late")
    secret = house.may(tenant.id, "account").secret
    house.books.accounts.suspend(tenant.id, "unpaid", "test").result()
    house.books.directory.refresh()
    assert "an invoice is overdue" in sign_in(client, secret)
