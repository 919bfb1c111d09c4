"""The verbs of invoices, plans, wallets and usage, from their words to their files."""

import json
from pathlib import Path
from typing import Any

import pytest
from projects import SHOP

from argosy.ui.cli import main

FILE = (
    SHOP
    + """
[sell]
[plans.standard]
monthly = {CNY = "30.00", USD = "5.00"}
[[plans.standard.prices]]
unit = "texts"
price = {CNY = "0.002", USD = "0.0003"}
"""
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that sells, and a tenant."""
    (tmp_path / "argosy.toml").write_text(FILE, encoding="utf-8")
    assert main(["tenant", "create", "Acme", "--in", str(tmp_path)]) == 0
    return tmp_path


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    code = main([*words, "--json"])
    told = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert code == told.get("error", {}).get("code", 0)
    return told


def test_plans_are_listed_with_their_versions_and_given(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One for each currency; a tenant has the one of its own."""
    place = ["--in", str(shop)]
    plans = _told(capsys, "plan", "list", *place)["plans"]
    assert [(plan["currency"], plan["monthly"]) for plan in plans] == [("CNY", 30_000_000), ("USD", 5_000_000)]
    tenant = _told(capsys, "tenant", "list", *place)["tenants"][0]["id"]
    given = _told(capsys, "plan", "set", tenant, "standard", "--own", *place)
    assert given["version"] == plans[0]["id"]
    assert "gold" in _told(capsys, "plan", "set", tenant, "gold", *place)["error"]["message"]


def test_a_draft_is_written_and_closes_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the language and the folder that were asked for; no number is given."""
    place = ["--in", str(shop), "--out", str(shop / "out")]
    month = _month()
    (drawn,) = _told(capsys, "invoice", "--month", month, "--draft", "--language", "zh", *place)["invoices"]
    assert drawn["total"] > 0
    assert 'lang="zh-CN"' in Path(drawn["file"]).read_text(encoding="utf-8")
    assert _told(capsys, "invoice", "list", "--in", str(shop)) == {"invoices": []}
    assert "not over" in _told(capsys, "invoice", "--month", month, *place)["error"]["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["invoice"], "--month 2026-11"),
        (["invoice", "--month", "2026-13"], "2026-13"),
        (["invoice", "show", "INV-1"], "INV-1"),
        (["usage", "export", "--month", "2026-01", "--format", "xml"], "stripe"),
        (["wallet", "add", "ten_1", "1,00", "--reference", "r"], "1,00"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    words: list[str], said: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback; the word that is wrong and what would be right."""
    assert main([*words, "--in", str(shop)]) in {3, 5}
    assert said in capsys.readouterr().err


def test_a_payment_counts_once(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same reference again adds nothing."""
    place = ["--in", str(shop)]
    tenant = _told(capsys, "tenant", "list", *place)["tenants"][0]["id"]
    for _ in range(2):
        added = _told(capsys, "wallet", "add", tenant, "12.50", "--reference", "bank-7", *place)
    assert added["wallets"] == _told(capsys, "wallet", "show", tenant, *place)["wallets"] == {"CNY": "12.5"}


def test_usage_of_a_month_without_any_is_the_head_alone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Columns without rows."""
    capsys.readouterr()
    assert main(["usage", "export", "--month", "2026-01", "--in", str(shop)]) == 0
    assert capsys.readouterr().out.startswith("tenant,seq,event,kind,at")


def _month() -> str:
    from argosy.serve.billing.months import month_of
    from argosy.store.ledger.books import wall_clock

    return month_of(wall_clock(), "Asia/Shanghai")
