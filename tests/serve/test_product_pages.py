"""The pages of a product: what its model's folder tells, for people, and a form that asks the service as others do."""

from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, grave_findings, too_wide, visit
from fastapi.testclient import TestClient
from listening import listening
from sold import sold

from argosy.infer.engines.echo import EchoEngine, EchoGenerator
from argosy.project.selling.served_models import shown
from argosy.serve.app import create_app
from argosy.serve.routes.product import OWN
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

TOLD: dict[str, Any] = {
    "name": "classify",
    "about": {"en": "labels for texts", "zh": "给文本贴标签"},
    "pages": [
        {"path": "/model", "title": {"en": "The model", "zh": "模型"}, "shows": ["numbers", "alarms", "ask", "try"]}
    ],
    "numbers": [
        {
            "name": "macro_f1",
            "at": "metrics.macro_f1",
            "lower": False,
            "unit": "",
            "value": 0.861,
            "low": 0.84,
            "high": 0.88,
            "told": ".861 [.84, .88]",
            "called": {"en": "macro F1", "zh": "宏平均 F1"},
            "difference": {"en": "+3.2 [−1.4, +7.8], p = .17", "zh": "+3.2 [−1.4, +7.8]，p = .17"},
            "baseline": {"value": 0.829, "called": {"en": "TF-IDF + linear", "zh": "线性"}, "told": ".829 [.81, .85]"},
        },
        {
            "name": "p99_ms",
            "at": "engines.http.p99_ms",
            "lower": True,
            "unit": "ms",
            "value": 12.0,
            "told": "12.0 ms",
            "called": {"en": "slowest answer of a hundred", "zh": "百里最慢"},
        },
    ],
    "alarms": [{"number": "p99_ms", "at": "x", "limit": 10, "means": {"en": "too slow to type", "zh": "太慢"}}],
    "routes": [{"path": "/v1/classify", "ask": '{"input": "…"}'}],
}
SHOWN = {"model": "mood", "labels": ["bad", "good"], "languages": ["en"], **TOLD}


def test_a_page_tells_what_the_folder_tells_and_tries_it() -> None:
    """Numbers with intervals beside the best baseline, the alarm that rang, and an answer without a script."""
    with TestClient(create_app({"mood": EchoEngine()}, Settings(shown=SHOWN))) as client:
        page = client.get("/model").text
        for part in (".861 [.84, .88]", "TF-IDF + linear: .829", "too slow to type", "/v1/classify -H", 'name="text"'):
            assert part in page
        assert 'name="key"' not in page
        assert 'href="/model"' in client.get("/docs").text
        tried = client.post("/model", data={"text": "<b>nice"})
        assert tried.status_code == 200
        assert "probabilities" in tried.text
        assert "<b>nice" not in tried.text
        assert client.post("/model", data={"text": "x" * 20_000}).status_code == 413
        assert client.post("/model", headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert "太慢" in client.get("/model?lang=zh").text


def test_what_is_written_is_marked() -> None:
    """A generator's answer is shown as its text, with the mark that generated texts carry."""
    told = {**SHOWN, "model": "writer", "routes": [{"path": "/v1/completions", "ask": '{"prompt": "…"}'}]}
    with TestClient(create_app({"writer": EchoGenerator(chat=False)}, Settings(shown=told))) as client:
        page = client.post("/model", data={"text": "once"}).text
    assert '<p class="said">' in page
    assert '<p class="hint">由AI生成' in page


def test_what_is_tried_where_keys_are_needed_is_charged_to_the_key(tmp_path: Path) -> None:
    """By the same way in and the same meter as any request; a wrong key is refused there, and no key comes back."""
    with sold(sqlite_url(tmp_path / "ledger.db"), settings=Settings(shown=SHOWN)) as house:
        tenant = house.tenant()
        key = house.may(tenant.id, "classify").secret
        with TestClient(house.app) as client:
            page = client.get("/model").text
            assert 'name="key"' in page
            assert "0.002" in page
            assert client.post("/model", data={"text": "nice", "key": "wrong"}).status_code == 401
            tried = client.post("/model", data={"text": "nice", "key": key})
            assert tried.status_code == 200
            assert key not in tried.text
        account = house.books.directory.account(tenant.id)
        assert account
        assert house.books.standings.standing(account).used["mood", "texts"] == 1


def test_no_page_is_at_an_address_of_the_service(tmp_path: Path) -> None:
    """What products are kept from is what a service that sells answers at; without what is shown there is no page."""
    with sold(sqlite_url(tmp_path / "ledger.db")) as house:
        paths = {route.path for route in house.app.routes if hasattr(route, "path")} | set(house.app.openapi()["paths"])
        assert {path.split("/")[1] for path in paths} <= OWN
        with TestClient(house.app) as client:
            assert client.get("/model").status_code == 404


def test_a_model_of_before_there_were_pages_shows_none(tmp_path: Path) -> None:
    """Its folder says nothing of them."""
    (tmp_path / "argosy.json").write_text('{"name": "old", "labels": []}', encoding="utf-8")
    assert shown(tmp_path) is None


@pytest.mark.slow
def test_people_can_read_and_use_it() -> None:
    """In a real browser: on a phone and at a desk, in both languages, by day and by night, and without scripts."""
    with listening(create_app({"mood": EchoEngine()}, Settings(shown=SHOWN))) as address, chromium() as browser:
        for language, theme, scripts in (("en", "light", True), ("zh", "dark", True), ("zh", "light", False)):
            way = {"language": language, "theme": theme, "desk": language == "en", "scripts": scripts}
            with visit(browser, f"{address}/model", **way) as (page, complaints):
                page.fill("#text", "nice")
                page.click("main form button")
                page.wait_for_selector("#answer")
                assert too_wide(page) == []
                assert not scripts or grave_findings(page) == []  # which is a script
                assert complaints == []
