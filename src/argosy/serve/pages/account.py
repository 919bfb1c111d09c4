"""The pages at ``/account`` as HTML: no scripts, no other server, and a policy that allows neither."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from argosy.core.account import SCOPES, Caller, Key
from argosy.core.language import LANGUAGES, from_locale, translator
from argosy.core.tenant import InvoiceHead, Issued, Standing, Tenant
from argosy.serve.billing import money

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_translator = cache(translator)
_SECOND = 1_000_000  # microseconds
Say = Callable[[str], str]
Problem = Callable[[Say], str]
"""What is told on top of a page, given the translator of its language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page of an account shows; ``issued`` is a key that was just made, ``grace`` its old secret's hours."""

    caller: Caller
    tenant: Tenant
    standing: Standing
    keys: Sequence[Key]
    invoices: Sequence[InvoiceHead]
    zone: str
    at: int
    form: str
    issued: Issued | None = None
    grace: int | None = None
    problem: Problem | None = None


def language_of(request: Request) -> str:
    """The language that a page is asked in: ``?lang=``, else by the header accept-language."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else from_locale(request.headers.get("accept-language"))


def sign_in(language: str, problem: Problem | None = None, status: int = 200) -> HTMLResponse:
    """The page that asks for a key."""
    t = _translator(language)
    return _answer("sign_in.html", language, {"problem": problem(t) if problem else ""}, status)


def account(language: str, view: View, status: int = 200) -> HTMLResponse:
    """The page of an account."""
    t = _translator(language)
    currency = view.tenant.currency
    values: dict[str, object] = {
        **{name: getattr(view, name) for name in ("tenant", "standing", "keys", "invoices", "issued", "grace", "at")},
        "zone": view.zone,
        "form": view.form,
        "mine": view.caller.key.id,
        "plan": (view.tenant.price or view.tenant.plan).partition(":")[0],  # its version is the seller's matter
        "limits": view.tenant.limits,
        "scopes": SCOPES,
        "problem": view.problem(t) if view.problem else "",
        "units": _units(t),
        "states": _states(t),
        "reasons": _reasons(t),
        "show": lambda amount, other=currency: money.show(amount, other, language),
        "count": lambda number: t("no limit") if number is None else f"{number:,}",
        "day": lambda at: datetime.fromtimestamp(at / _SECOND, ZoneInfo(view.zone)).date().isoformat(),
    }
    return _answer("account.html", language, values, status)


def _answer(name: str, language: str, values: Mapping[str, object], status: int) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    page = _TEMPLATES.get_template(name).render(
        {
            **values,
            "t": _translator(language),
            "language": language,
            "lang": {"zh": "zh-CN"}.get(language, language),
            "nonce": nonce,
        }
    )
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "content-language": language,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "vary": "accept-language, cookie",
    }
    return HTMLResponse(page, status_code=status, headers=headers)


def _units(t: Say) -> dict[str, str]:
    return {
        "requests": t("requests"),
        "texts": t("texts"),
        "rows": t("rows"),
        "prompt_tokens": t("prompt tokens"),
        "completion_tokens": t("completion tokens"),
        "milliseconds": t("milliseconds"),
    }


def _states(t: Say) -> dict[str, str]:
    return {
        "draft": t("draft"),
        "sent": t("to be paid"),
        "paid": t("paid"),
        "overdue": t("overdue"),
        "void": t("void"),
    }


def _reasons(t: Say) -> dict[str, str]:
    return {"unpaid": t("an invoice is overdue"), "operator": t("the operator decided so")}
