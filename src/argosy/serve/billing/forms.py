"""The forms of an invoice: JSON, CSV, a page, a PDF, and the JSON that a provider of Chinese fapiao is handed."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from argosy.core.errors import MissingError
from argosy.serve.billing.capital import capital
from argosy.serve.billing.invoice import Invoice, Line
from argosy.serve.billing.money import digits, plain
from argosy.serve.billing.plan import SALES
from argosy.serve.billing.sheet import percent, sheet
from argosy.web.page import environment

Format = Literal["json", "csv", "html", "pdf", "fapiao"]
FORMATS: Mapping[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "fapiao": "application/json",
}
_COLUMNS = ("number", "month", "kind", "plan", "text", "unit", "quantity", "days", "currency", "amount")
_TEMPLATES = Path(__file__).with_name("templates")
_BOM = "\ufeff"  # by which spreadsheets know UTF-8


def file_name(number: str, form: Format) -> str:
    """What a file in that form is called."""
    return f"{number}-fapiao.json" if form == "fapiao" else f"{number}.{form}"


def render(invoice: Invoice, form: Format, language: str) -> bytes:
    """The invoice in one of ``FORMATS``, the same bytes each time; MissingError where a PDF cannot be made."""
    if form == "json":
        return (invoice.canonical() + "\n").encode()
    if form == "fapiao":
        return (json.dumps(fapiao(invoice), ensure_ascii=False, indent=2) + "\n").encode()
    if form == "csv":
        return _csv(invoice).encode()
    return page(invoice, language).encode() if form == "html" else pdf_of(page(invoice, language))


def page(invoice: Invoice, language: str) -> str:
    """A page that needs nothing else, for a phone, a screen or paper."""
    template = environment(_TEMPLATES, language).get_template("invoice.html")
    return template.render(
        sheet=sheet(invoice, language),
        seller=invoice.details.seller,
        buyer=invoice.details.buyer,
        fapiao=fapiao(invoice) if invoice.details.currency == "CNY" and language == "zh" else None,
    )


def fapiao(invoice: Invoice) -> dict[str, Any]:
    """The fields of a Chinese fapiao: amounts with two digits, tax apart, the total also in capital numerals."""
    details, currency = invoice.details, invoice.details.currency
    return {
        "invoice": details.number,
        "credits": invoice.credits,
        "buyer": _party(details.buyer),
        "seller": _party(details.seller),
        "items": [
            {
                "name": details.item,
                "tax_classification_code": details.tax_code,
                "rate": percent(levy.of.rate).replace(" ", "") if levy.of else "0%",
                "amount": _yuan(levy.net, currency),
                "tax": _yuan(levy.tax, currency),
            }
            for levy in invoice.levies
        ],
        "amount": _yuan(invoice.net, currency),
        "tax": _yuan(invoice.tax, currency),
        "total": _yuan(invoice.total, currency),
        "total_in_capitals": capital(invoice.total),
    }


def _party(party: Any) -> dict[str, str]:
    return {
        "title": party.title,
        "taxpayer_id": party.taxpayer,
        "address_and_phone": f"{party.address} {party.phone}".strip(),
        "bank_and_account": f"{party.bank} {party.bank_account}".strip(),
    }


def _yuan(micro: int, currency: str) -> str:
    return plain(micro, digits(currency))


def _csv(invoice: Invoice) -> str:
    """A row a line, then rounding, tax, total, wallet and what is due; amounts exactly."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    details, least = invoice.details, digits(invoice.details.currency)
    for line in invoice.lines:
        table.writerow(_cells(invoice, line))
    rounding = sum(levy.rounding for levy in invoice.levies)
    ends = {"rounding": rounding, "net": invoice.net, "tax": invoice.tax, "total": invoice.total}
    for kind, amount in {**ends, "wallet": -invoice.wallet, "due": invoice.due}.items():
        cells = (details.number, details.month, kind, "", "", "", "", "", details.currency, plain(amount, least))
        table.writerow(cells)
    return _BOM + out.getvalue()


def _cells(invoice: Invoice, line: Line) -> tuple[str, ...]:
    details = invoice.details
    scale = SALES[line.unit][1] if line.unit else 1
    quantity = plain(line.quantity * 10**6 // scale) if line.unit else ""
    days = str(line.days) if line.days else ""
    amount = plain(line.amount, digits(details.currency))
    text = f"'{line.text}" if line.text[:1] in {"=", "+", "-", "@"} else line.text  # no formula of a spreadsheet
    return (
        details.number,
        details.month,
        line.kind,
        line.plan,
        text,
        line.unit,
        quantity,
        days,
        details.currency,
        amount,
    )


def pdf_of(markup: str) -> bytes:
    """A page of one file as a PDF; raises MissingError where WeasyPrint is not installed."""
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]
    except ImportError as error:
        raise _no_pdf("weasyprint") from error
    except OSError as error:
        raise _no_pdf("Pango") from error
    return bytes(HTML(string=markup).write_pdf(pdf_identifier=b"argosy") or b"")


def _no_pdf(part: str) -> MissingError:
    return MissingError(
        "A PDF cannot be made here: {part} is not installed.",
        mend="pip install 'argosy[pdf]' and, on Debian, apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk;"
        " or take another format: html, csv, json.",
        part=part,
    )
