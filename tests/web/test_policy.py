"""What browsers are told of pages, sessions and forms."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery import SESSION, gallery
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from argosy.web import policy
from argosy.web.answers import Reader
from argosy.web.page import environment

HOME = {"origin": "http://localhost:8000"}
ABROAD = {"origin": "https://argosy.example"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Somebody who asks the gallery from the machine that it runs on."""
    with TestClient(gallery(), base_url="http://localhost") as client:
        yield client


def test_a_page_may_load_its_own_files_and_nothing_else(client: TestClient) -> None:
    """No script or style inside the page, no frame around it, no form to elsewhere; nothing kept on the way."""
    answer = client.get("/")
    allowed = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert allowed == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! defer src=\"/assets/)", answer.text)


def test_the_style_of_a_single_page_is_allowed_by_its_digest() -> None:
    """It loads nothing, and a style that somebody else puts in is not obeyed."""
    page = environment().from_string(
        "{% extends 'single.html' %}{% set css %}.a > b {}{% endset %}{% block main %}{{ '<style>' }}{% endblock %}"
    )
    html = page.render()
    style = html[html.index("<style>") + 7 : html.index("</style>")]
    said = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)
    assert said
    assert policy.hashed(style) in said[1].replace("&#39;", "'")
    assert "'self'" not in said[1].replace("&#39;", "'")
    assert style.endswith(".a > b {}")
    assert "&lt;style&gt;" in html


def test_the_session_is_kept_from_scripts_and_from_other_sites(client: TestClient) -> None:
    """Over https the cookie is bound to the host; a browser at home over http may keep it too."""
    abroad = client.post("/open", headers=ABROAD).headers["set-cookie"]
    assert abroad.startswith("__Host-gallery=token;")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} <= set(abroad.split("; "))
    home = client.post("/open", headers=HOME).headers["set-cookie"]
    assert home.startswith("gallery=token;")
    assert "Secure" not in home
    assert "HttpOnly" in home
    assert "Secure" in client.post("/open").headers["set-cookie"]
    assert "Secure" in client.post("/open", headers={"origin": "http://argosy.example"}).headers["set-cookie"]


def test_a_bare_cookie_is_believed_at_home_alone(client: TestClient) -> None:
    """Elsewhere a sibling of the host could have set it."""
    token = policy.form_token("token")
    cookie = {"cookie": f"{SESSION}=token"}
    assert client.post("/form", data={"csrf_token": token}, headers=cookie).status_code == 200
    abroad = {**cookie, "host": "argosy.example"}
    assert client.post("/form", data={"csrf_token": token}, headers=abroad).status_code == 403
    safe = {"cookie": f"__Host-{SESSION}=token", "host": "argosy.example"}
    assert client.post("/form", data={"csrf_token": token}, headers=safe).status_code == 200


def test_a_form_of_another_page_is_refused(client: TestClient) -> None:
    """Without the token of the session, with another's, or sent from another site."""
    cookie = {"cookie": f"{SESSION}=token"}
    token = policy.form_token("token")
    assert client.post("/form", data={}, headers=cookie).status_code == 403
    assert client.post("/form", data={"csrf_token": policy.form_token("other")}, headers=cookie).status_code == 403
    assert client.post("/form", headers={**cookie, "x-csrf-token": token}).status_code == 200
    foreign = {**cookie, "x-csrf-token": token, "sec-fetch-site": "cross-site"}
    assert client.post("/form", headers=foreign).status_code == 403


@given(session=st.text(min_size=1), other=st.text(min_size=1), sent=st.text())
def test_only_the_token_of_the_session_is_one(session: str, other: str, sent: str) -> None:
    """Whatever is sent instead, and whosever token it is."""
    assert policy.is_own_form(session, policy.form_token(session), {})
    assert policy.is_own_form(session, policy.form_token(other), {}) == (session == other)
    assert not policy.is_own_form(session, sent, {})


def test_a_choice_of_language_and_theme_is_kept(client: TestClient) -> None:
    """Asked for in the address, it holds on later pages; what nobody offers is not kept."""
    assert '<html lang="zh-CN">' in client.get("/", headers={"accept-language": "zh-CN"}).text
    assert '<html lang="en" data-theme="dark">' in client.get("/?theme=dark&lang=en").text
    assert '<html lang="en" data-theme="dark">' in client.get("/", headers={"accept-language": "zh-CN"}).text
    assert '<html lang="en">' in client.get("/?theme=&lang=xx").text
    assert "data-theme=" not in client.get("/").text


def test_links_to_another_look_keep_the_rest_of_the_address() -> None:
    """A reader on the second page of a search stays there."""
    reader = Reader(language="en", address="/admin?q=a%26b&lang=en&page=2")
    assert reader.like(lang="zh") == "/admin?q=a%26b&page=2&lang=zh"
    assert Reader(language="en", address="/").like(theme="dark") == "/?theme=dark"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '" onload="x', "{{ 7 * 7 }}"])
def test_what_a_page_is_given_is_shown_as_text(hostile: str) -> None:
    """Every part takes values, not markup."""
    page = environment(Path("none"), "zh").from_string(
        "{{ parts.field(x, x, value=x, hint=x, problem=x, more={'title': x}) }}{{ parts.table([x], [[x]], x) }}"
        "{{ parts.badge(x, x) }}{{ parts.confirm(x, x, x, x, x) }}{{ parts.facts([(x, x, x)]) }}{{ parts.secret(x) }}"
        "{{ parts.navigation([(x, x)], x, x) }}{{ parts.progress(x, x, x, x) }}{{ parts.number(x, x, x) }}"
    )
    html = page.render(x=hostile)
    assert "<script" not in html
    assert ' onload="' not in html
    assert "49" not in html
