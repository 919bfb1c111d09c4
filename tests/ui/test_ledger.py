"""`argosy ledger verify` in a project that sells."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from books_of_tests import ask, got
from projects import SHOP

from argosy.config import file
from argosy.core.errors import DataError
from argosy.project.selling.offers import price_book
from argosy.project.selling.shop import Shop, open_store
from argosy.store.ledger.sql import SqlLedger
from argosy.ui.cli import main

PROJECT = (
    SHOP
    + """
[sell]
store = "books/店.db"
[plans.standard]
currency = "EUR"
[[plans.standard.prices]]
unit = "texts"
price = "0.002"
"""
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that sold 12 texts."""
    (tmp_path / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    shop = Shop(project=file.load(tmp_path), folder=tmp_path)
    book = price_book(shop.project)
    with open_store(shop.sell, tmp_path) as database:
        ledger = SqlLedger(database, book)
        held = got(ledger.reserve(ask("e", texts=12, plan=book.current("standard", "EUR"))))
        assert got(ledger.settle(held, {"texts": 12})).usage.amount == 24_000
        ledger.close()
    return tmp_path


def test_books_that_are_right_verify(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells how many lines it looked at, and nothing that differs."""
    assert main(["ledger", "verify", str(shop), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"tenants": 1, "lines": 1, "differences": []}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_books_that_somebody_changed_do_not(shop: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each difference is told, with what was expected, and the exit code is that of unusable data."""
    with closing(sqlite3.connect(shop / "books" / "店.db")) as raw:
        raw.execute("UPDATE ledger_amounts SET amount = 23999")
        raw.commit()
    assert main(["ledger", "verify", str(shop), "--lang", language]) == DataError.exit_code
    told = capsys.readouterr()
    assert "24000" in told.out
    assert "23999" in told.out
    assert "2" in told.err
