"""The Open Cap Format: written, read back, held to the keys of its schemas, and one of its own samples.

``acme-holdings`` is ``samples/Acme-Holdings`` of https://github.com/Open-Cap-Table-Coalition/Open-Cap-Format-OCF,
copyright © 2024 Open Cap Table Coalition (https://opencaptablecoalition.com); sample files are under the Apache
License 2.0. The keys below are those that the schemas of version 1.2.1-alpha require, written down by hand.
"""

import json
import re
import zipfile
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.venture.financing.ocf.read import read
from argosy.venture.financing.ocf.register import (
    Award,
    Convertible,
    Register,
    Stakeholder,
    Stock,
    StockClass,
    StockPlan,
    Valuation,
)
from argosy.venture.financing.ocf.write import package, write

ACME = Path(__file__).parent / "acme-holdings"
MADE = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
DAY = date(2026, 12, 31)
THIRD = Fraction(1, 3)
WHOLE = Register(
    id="us",
    company="Argo 数据",
    formed=date(2026, 1, 1),
    country="CN",
    day=DAY,
    currency="CNY",
    holders=(Stakeholder(id="ann", name="Ann"), Stakeholder(id="fund", name="Fund", institution=True)),
    classes=(
        StockClass(id="C", name="Common", preferred=False, prefix="C-", authorized=None),
        StockClass(
            id="A",
            name="Series A",
            preferred=True,
            prefix="A-",
            authorized=Fraction(2_000_000),
            seniority=Fraction(2),
            price=THIRD,
            preference=Fraction(3, 2),
            participation="capped",
            cap=Fraction(3),
            ratio=Fraction(7, 3),
            converts_to="C",
        ),
        StockClass(id="B", name="Series B", preferred=True, prefix="B-", authorized=Fraction(1), participation="full"),
    ),
    plans=(StockPlan(id="pool", name="Pool", reserved=Fraction(100), stock_class="C"),),
    valuations=(Valuation(id="409", stock_class="C", price=Fraction(1, 7), day=DAY),),
    securities=(
        Stock(id="s1", holder="ann", day=DAY, stock_class="C", quantity=Fraction(5, 3), price=Fraction("0.0001")),
        Award(
            id="o1",
            holder="ann",
            day=DAY,
            plan="pool",
            stock_class="C",
            kind="OPTION",
            quantity=Fraction(10),
            strike=THIRD,
        ),
        Award(id="o2", holder="ann", day=DAY, plan=None, stock_class="C", kind="RSU", quantity=THIRD, strike=None),
        Convertible(id="n1", holder="fund", day=DAY, instrument="NOTE", amount=THIRD, rate=Fraction(1, 12), rank=2),
        Convertible(
            id="f1",
            holder="fund",
            day=DAY,
            instrument="SAFE",
            amount=Fraction(500_000),
            cap=Fraction(10**7, 3),
            discount=Fraction(1, 7),
            mfn=True,
            post_money=False,
        ),
    ),
)
REQUIRED = {
    "STAKEHOLDER": {"name", "stakeholder_type"},
    "STOCK_CLASS": {
        "name",
        "class_type",
        "default_id_prefix",
        "initial_shares_authorized",
        "votes_per_share",
        "seniority",
    },
    "STOCK_PLAN": {"plan_name", "initial_shares_reserved", "stock_class_ids"},
    "VALUATION": {"price_per_share", "effective_date", "valuation_type", "stock_class_id"},
    "TX_STOCK_ISSUANCE": {"stock_class_id", "share_price", "quantity", "stock_legend_ids"},
    "TX_EQUITY_COMPENSATION_ISSUANCE": {
        "compensation_type",
        "quantity",
        "expiration_date",
        "termination_exercise_windows",
    },
    "TX_CONVERTIBLE_ISSUANCE": {"convertible_type", "investment_amount", "conversion_triggers", "seniority"},
}
ISSUANCE = {"date", "security_id", "custom_id", "stakeholder_id", "security_law_exemptions"}
ALLOWED = {
    "STOCK_CLASS": {
        "price_per_share",
        "conversion_rights",
        "liquidation_preference_multiple",
        "participation_cap_multiple",
    },
    "TX_EQUITY_COMPENSATION_ISSUANCE": {"stock_plan_id", "stock_class_id", "exercise_price", "base_price"},
}
MANIFEST = {
    "ocf_version",
    "file_type",
    "issuer",
    "as_of",
    "generated_at",
    "stock_plans_files",
    "stock_legend_templates_files",
    "stock_classes_files",
    "vesting_terms_files",
    "valuations_files",
    "transactions_files",
    "stakeholders_files",
}
NUMERIC = re.compile(r"[+-]?[0-9]+(\.[0-9]{1,10})?")


@pytest.mark.parametrize("name", ["cap.zip", "cap"])
def test_what_is_written_is_read_back_exactly(tmp_path: Path, name: str) -> None:
    """Prices of a third included."""
    write(WHOLE, tmp_path / name, made=MADE)
    assert read(tmp_path / name) == WHOLE


def test_equal_registers_are_equal_bytes(tmp_path: Path) -> None:
    """The zip file carries no time of its own."""
    write(WHOLE, tmp_path / "a.zip", made=MADE)
    write(WHOLE, tmp_path / "b.zip", made=MADE)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def numbers(value: object) -> list[str]:
    """Every amount below a value."""
    if isinstance(value, dict):
        own = [value["amount"]] if "amount" in value else []
        return own + [one for inner in value.values() for one in numbers(inner)]
    return [one for inner in value for one in numbers(inner)] if isinstance(value, list) else []


def test_the_export_has_the_keys_that_the_schemas_require() -> None:
    """No key more than the schemas allow, numbers in their form, checksums of the files as they are."""
    files = {name: json.loads(content) for name, content in package(WHOLE, MADE).items()}
    manifest = files.pop("Manifest.ocf.json")
    assert set(manifest) == MANIFEST | {"comments"}
    assert manifest["generated_at"] == "2027-01-02T03:04:00Z"
    listed = {one["filepath"] for key in manifest if key.endswith("_files") for one in manifest[key]}
    assert listed == {f"./{name}" for name in files}
    for content in files.values():
        assert set(content) == {"file_type", "items"}
        for one in content["items"]:
            kind = one["object_type"]
            required = REQUIRED[kind] | {"id", "object_type"} | (ISSUANCE if kind.startswith("TX_") else set())
            assert required <= set(one) <= required | ALLOWED.get(kind, set()) | {"comments"}
            assert all(NUMERIC.fullmatch(found) for found in numbers(one))


def test_an_official_sample_is_read() -> None:
    """What was transferred is the other's, what was cancelled is nobody's."""
    found = read(ACME)
    assert (found.company, found.currency, found.unread) == ("Acme Holdings Limited", "USD", ())
    assert [one.name for one in found.classes] == ["Ordinary A", "Ordinary B", "Preferred"]
    held = [(one.holder[-2:], one.quantity) for one in found.securities if isinstance(one, Stock)]
    assert held == [("e0", 600_000), ("e0", 300_000)]


@settings(max_examples=50, deadline=None)
@given(price=st.fractions(0, 10**6), quantity=st.fractions(0, 10**12), multiple=st.fractions(0, 5))
def test_every_rational_survives(
    tmp_path_factory: pytest.TempPathFactory, price: Fraction, quantity: Fraction, multiple: Fraction
) -> None:
    """Ten decimals or not."""
    preferred = StockClass(
        id="A", name="A", preferred=True, prefix="A-", authorized=quantity, price=price, preference=multiple
    )
    stock = Stock(id="s", holder="ann", day=DAY, stock_class="A", quantity=quantity, price=price)
    register = Register(
        id="us",
        company="Us",
        formed=DAY,
        country="DE",
        day=DAY,
        currency="EUR",
        holders=WHOLE.holders,
        classes=(preferred,),
        securities=(stock,),
    )
    path = tmp_path_factory.mktemp("ocf") / "cap.zip"
    write(register, path, made=MADE)
    assert read(path) == register


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """The written register with a text changed in one of its files."""
    write(WHOLE, folder / "cap", made=MADE)
    path = folder / "cap" / name
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new), "utf-8")
    return folder / "cap"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("Manifest.ocf.json", "OCF_MANIFEST_FILE", "OTHER", "there is no manifest"),
        ("Manifest.ocf.json", "./StockPlans.ocf.json", "../../etc/passwd", "outside of the package"),
        ("Manifest.ocf.json", "./StockPlans.ocf.json", "./Gone.ocf.json", "not in the package"),
        ("Manifest.ocf.json", "./StockPlans.ocf.json", "./Stakeholders.ocf.json", "calls it a file of stock_plans"),
        ("Manifest.ocf.json", '"as_of": "2026-12-31"', '"as_of": "soon"', "no day"),
        ("StockClasses.ocf.json", "{", "[", "no JSON"),
        ("Transactions.ocf.json", '"stakeholder_id": "ann"', '"stakeholder_id": "eve"', "refers to 'eve'"),
        ("Transactions.ocf.json", '"amount": "0.0001"', '"amount": "cheap"', "no number"),
        ("Transactions.ocf.json", '"share_price"', '"price"', "'share_price' is missing"),
        (
            "Transactions.ocf.json",
            '"amount": "0.0001",\n        "currency": "CNY"',
            '"amount": "1", "currency": "USD"',
            "several",
        ),
        ("Transactions.ocf.json", "TX_STOCK_ISSUANCE", "TX_STOCK_CLASS_SPLIT", "is not read"),
        ("Transactions.ocf.json", '"SAFE"', '"TOKEN"', "Unknown kind of convertible"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    """Each with its place, none as a traceback of another kind."""
    with pytest.raises(DataError, match=said):
        read(changed(tmp_path, name, old, new))


def test_other_files_are_no_cap_table(tmp_path: Path) -> None:
    """A text, an empty folder, a zip file of something else, nothing at all."""
    (tmp_path / "a.txt").write_text("shares", "utf-8")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as whole:
        whole.writestr("manifest.json", "{}")
    for name in ("a.txt", "empty", "b.zip", "gone.zip"):
        with pytest.raises(DataError, match="no manifest"):
            read(tmp_path / name)


def test_a_discount_above_one_has_no_place(tmp_path: Path) -> None:
    """OCF's percentage ends at 1."""
    wrong = Convertible(id="f", holder="ann", day=DAY, instrument="SAFE", amount=Fraction(1), discount=Fraction(2))
    register = Register(id="us", company="Us", formed=DAY, country="DE", day=DAY, currency="EUR", securities=(wrong,))
    with pytest.raises(DataError, match="no place"):
        write(register, tmp_path / "cap.zip", made=MADE)
