"""The forms of an invoice: page, PDF, CSV, JSON and the fields of a fapiao."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import MissingError
from argosy.core.ledger import Usage
from argosy.core.tenant import Party
from argosy.serve.billing.capital import capital
from argosy.serve.billing.forms import FORMATS, fapiao, page, render
from argosy.serve.billing.invoice import Details, Invoice, credit, draw
from argosy.serve.billing.months import Change, spans
from argosy.serve.billing.plan import Plan, Price, Share, Tax, Tier
from argosy.serve.billing.pricing import PriceBook

NOVEMBER = 1_793_462_400_000_000
TIERS = (Tier(up_to=100_000, price=2_000_000), Tier(up_to=None, price=1_500_000))
PLAN = Plan(
    name="standard",
    currency="CNY",
    monthly=99_000_000,
    commitment=500_000_000,
    prices=(
        Price(unit="texts", per=1000, tiers=TIERS, free=1000),
        Price(unit="tokens", per=1_000_000, tiers=(Tier(up_to=None, price=8_000_000),), models=("writer",)),
        Price(unit="minutes", tiers=(Tier(up_to=None, price=300_000),), scheme="package"),
    ),
    shares=(Share(name="Support", rate=100_000),),
    tax=Tax(name="VAT", rate=60_000, inclusive=True),
)
SELLER = Party(
    title="长风文本技术（上海）有限公司",
    taxpayer="91310115MA1K4ABC1X",
    address="上海市浦东新区世纪大道 100 号 8 层",
    phone="021-5555 0100",
    bank="中国工商银行上海世纪大道支行",
    bank_account="1001 2345 6789 0123 456",
    email="billing@changfeng.example",
)
BUYER = Party(
    title="Acme <Reviews> & Söhne",
    taxpayer="91110108MA00XYZ99Q",
    address="北京市海淀区中关村大街 1 号",
    phone="010-5555 0199",
)


def _usage(seq: int, model: str, quantities: dict[str, int], amount: int) -> Usage:
    about = {"tenant": "ten_1", "event": f"req_{seq}", "key": "key_1", "route": "/v1/classify", "plan": PLAN.id}
    return Usage(
        **about,
        seq=seq,
        kind="charge",
        model=model,
        currency="CNY",
        quantities=quantities,
        amount=amount,
        at=NOVEMBER - 5 * (seq == 1),
        month="2026-11",
    )


def sample() -> Invoice:
    """An invoice with a line of every kind."""
    book = PriceBook({PLAN.id: PLAN})
    events = [
        ("reviews", {"texts": 90_000}),
        ("chat", {"texts": 41_234}),
        ("writer", {"prompt_tokens": 1_234_567}),
        ("hear", {"milliseconds": 905_000}),
    ]
    totals: dict[tuple[str, str], int] = {}
    lines, before = [], 0
    for seq, (model, quantities) in enumerate(events, start=1):
        totals |= {(model, unit): quantity for unit, quantity in quantities.items()}
        amount = book.amount(PLAN.id, totals)
        lines.append(_usage(seq, model, quantities, amount - before))
        before = amount
    details = Details(
        number="INV-2026-000042",
        tenant="ten_0f3a",
        month="2026-11",
        currency="CNY",
        after=0,
        through=4,
        issued=NOVEMBER + 30 * 86_400_000_000,
        due=NOVEMBER + 45 * 86_400_000_000,
        time_zone="Asia/Shanghai",
        spans=tuple(spans([Change(at=NOVEMBER + 9 * 86_400_000_000, plan=PLAN.id)], "2026-11", "Asia/Shanghai")),
        wallet=20_000_000,
        seller=SELLER,
        buyer=BUYER,
        item="信息技术服务*技术服务费",
        tax_code="3040203990000000000",
    )
    return draw(lines, book, details)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_every_amount_and_runs_nothing(language: str) -> None:
    """Amounts, parties and marks; text of the parties is text, and nothing is loaded from elsewhere."""
    invoice = sample()
    said = page(invoice, language)
    sign = "¥" if language == "zh" else "CN¥"
    for amount in ("245.351", "69.30", "445.30"):
        assert amount in said
    assert f"{sign}20.00" in said
    assert "Acme &lt;Reviews&gt; &amp; Söhne" in said
    assert not re.search(r"<script|src=|href=|url\(", said)
    assert ("价税合计（大写）" in said) is (language == "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_a_form_is_the_same_bytes_each_time(form: str, language: str) -> None:
    """Drawn and rendered again, nothing differs."""
    assert render(sample(), form, language) == render(sample(), form, language)  # type: ignore[arg-type]


def test_json_is_canonical_and_amounts_are_whole_numbers() -> None:
    """What the digest stands for."""
    told = json.loads(render(sample(), "json", "en"))
    assert told["total"] == sum(line["amount"] for line in told["lines"]) + told["levies"][0]["rounding"]
    assert told["total"] - told["wallet"] == told["due"]


def test_csv_adds_up_and_starts_no_formula() -> None:
    """Lines and rounding add up to the total in exact decimals; a text that begins with = is quoted."""
    invoice = sample()
    danger = replace(invoice, lines=(*invoice.lines[:-1], replace(invoice.lines[-1], text="=1+1")))
    text = render(danger, "csv", "en").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    amounts = {row["kind"]: Decimal(row["amount"]) for row in rows}
    kinds = ("net", "tax", "total", "wallet", "due", "rounding")
    lines = sum(Decimal(row["amount"]) for row in rows if row["kind"] not in kinds)
    assert lines + amounts["rounding"] == amounts["total"] == amounts["net"] + amounts["tax"]
    assert amounts["due"] == amounts["total"] + amounts["wallet"]
    assert any(row["text"] == "'=1+1" for row in rows)


def test_a_fapiao_has_the_fields_that_its_provider_asks_for() -> None:
    """Buyer, seller, item, code, rate, amounts apart, and the total in capital numerals."""
    fields = fapiao(sample())
    assert fields["buyer"]["taxpayer_id"] == BUYER.taxpayer
    assert fields["seller"]["bank_and_account"] == f"{SELLER.bank} {SELLER.bank_account}"
    (item,) = fields["items"]
    assert (item["rate"], item["tax_classification_code"]) == ("6%", "3040203990000000000")
    assert Decimal(item["amount"]) + Decimal(item["tax"]) == Decimal(fields["total"])
    assert fields["total_in_capitals"].endswith(("角", "分", "整"))


def test_a_credit_note_says_what_it_credits() -> None:
    """Its title, the number of the invoice, and the amount to give back."""
    original = sample()
    note = credit(original, 50_000_000, "outage", replace(original.details, number="INV-2026-000043"))
    said = page(note, "en")
    assert "Credit note" in said
    assert "INV-2026-000042" in said
    assert "CN¥50.00" in said
    assert fapiao(note)["total_in_capitals"] == "负伍拾元整"


@pytest.mark.parametrize(
    ("yuan", "said"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1.05", "壹元零伍分"),
        ("10", "壹拾元整"),
        ("1001", "壹仟零壹元整"),
        ("10010.10", "壹万零壹拾元壹角整"),
        ("100000", "壹拾万元整"),
        ("10500000", "壹仟零伍拾万元整"),
        ("100000001", "壹亿零壹元整"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
    ],
)
def test_totals_in_capital_numerals(yuan: str, said: str) -> None:
    """As the rules of cheques and fapiao write them."""
    assert capital(int(Decimal(yuan) * 10**6)) == said


@given(st.integers(0, 10**13))
def test_capital_numerals_can_be_read_back(fen: int) -> None:
    """No two amounts are written alike, and no zero is written twice in a row."""
    said = capital(fen * 10_000)
    assert _read(said) == fen
    assert ("零", "零") not in pairwise(said)


def _read(said: str) -> int:
    whole, _, rest = said.removesuffix("整").rpartition("元")
    value = section = total = 0
    for sign in whole:
        if sign in "零壹贰叁肆伍陆柒捌玖":
            value = "零壹贰叁肆伍陆柒捌玖".index(sign)
        elif sign in "拾佰仟":
            section += value * 10 ** ("拾佰仟".index(sign) + 1)
            value = 0
        else:
            section += value
            total, section, value = (total + section) * 10**8 if sign == "亿" else total + section * 10**4, 0, 0
    total += section + value
    cents = {
        sign: "零壹贰叁肆伍陆柒捌玖".index(digit)
        for digit, sign in re.findall(r"([零壹贰叁肆伍陆柒捌玖])([角分])", rest)
    }
    return total * 100 + cents.get("角", 0) * 10 + cents.get("分", 0)


_IN_ANOTHER_PROCESS = """
import sys, hashlib
sys.path.insert(0, {folder!r})
import test_invoice_forms as forms
print(hashlib.sha256(forms.render(forms.sample(), "pdf", "zh")).hexdigest())
"""


def test_a_pdf_is_the_same_bytes_in_another_process() -> None:
    """Neither the clock nor the order of sets reaches the file; its fonts hold the Chinese characters."""
    pytest.importorskip("weasyprint")
    made = render(sample(), "pdf", "zh")
    script = _IN_ANOTHER_PROCESS.format(folder=str(Path(__file__).parent))
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert made.startswith(b"%PDF-")
    assert other.stdout.strip() == hashlib.sha256(made).hexdigest()


def test_without_its_package_a_pdf_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, the system's packages and the other formats."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingError, match=r"argosy\[pdf\].*apt install.*html"):
        render(sample(), "pdf", "en")


def test_every_format_has_a_media_type() -> None:
    """What a route answers with."""
    assert set(FORMATS) == {"json", "csv", "html", "pdf", "fapiao"}


def test_an_invoice_read_back_is_the_same_invoice() -> None:
    """What is kept is enough to show it again, and a credit note too."""
    invoice = sample()
    note = credit(invoice, 50_000_000, "outage", invoice.details)
    for one in (invoice, note):
        assert Invoice.parse(one.canonical()) == one
        assert Invoice.parse(one.canonical()).canonical() == one.canonical()


def test_the_page_is_read_on_any_screen(tmp_path: Path) -> None:
    """Saved to a disk: nothing is forbidden by its own policy, wider than a phone, or a serious finding of axe-core."""
    from browsing import chromium, grave_findings, too_wide, visit  # another process imports this file without it

    place = tmp_path / "invoice.html"
    with chromium() as browser:
        for language, theme, desk in (("zh", "dark", False), ("en", "light", True)):
            place.write_text(page(sample(), language), encoding="utf-8")
            with visit(browser, place.as_uri(), language=language, theme=theme, desk=desk) as (opened, complaints):
                assert too_wide(opened) == []
                assert grave_findings(opened) == []
                assert opened.evaluate("getComputedStyle(document.querySelector('.due td')).fontWeight") == "700"
                assert complaints == []
