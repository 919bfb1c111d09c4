"""`argosy tenant`, `argosy key` and `argosy audit` in a project that sells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import SHOP

from argosy.ui.cli import main

PROJECT = (
    SHOP
    + """
[sell]
store = "books/店.db"
[plans.standard]
currency = "CNY"
[[plans.standard.prices]]
unit = "texts"
price = "0.002"
[plans.dollars]
currency = "USD"
[[plans.dollars.prices]]
unit = "texts"
price = "0.001"
"""
)
Ask = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that sells, in a folder of its own."""
    folder = tmp_path / "my shop 店"
    folder.mkdir()
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    return folder


@pytest.fixture
def ask(shop: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main([*words, "--in", str(shop), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def test_a_tenant_is_created_changed_suspended_and_resumed(ask: Ask) -> None:
    """Each verb tells the tenant as it is then; what is not named stays."""
    made = ask(
        "tenant", "create", "深蓝书店", "limits.budget=100", "limits.quota.texts=5", "billing.title=深蓝书店有限公司"
    )
    assert (made["name"], made["plan"], made["currency"], made["status"]) == ("深蓝书店", "standard", "CNY", "active")
    changed = ask("tenant", "set", made["id"], "limits.quota.texts=none", "pins.mood=3", "limits.concurrent=4")
    assert changed["limits"] == {**made["limits"], "quota": {}, "concurrent": 4}
    assert (changed["pins"], changed["billing"]) == ({"mood": "3"}, made["billing"])
    assert ask("tenant", "suspend", made["id"], "--reason", "unpaid")["suspended"] == "unpaid"
    assert ask("tenant", "resume", made["id"])["status"] == "active"
    assert ask("tenant", "show", made["id"]) == changed
    assert [one["id"] for one in ask("tenant", "list")["tenants"]] == [made["id"]]


def test_a_tenant_has_the_currency_of_its_plan(ask: Ask) -> None:
    """Who names a plan need not name its currency."""
    assert ask("tenant", "create", "Acme", "plan=dollars")["currency"] == "USD"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan=gold",), "The plan 'gold' is not offered in CNY."),
        (("currency=USD",), "The plan 'standard' is not offered in USD."),
        (("colour=red",), "Unknown key 'colour'."),
        (("limits.budget=much",), "The value of 'limits.budget' is not valid."),
        (("limits",), "Expected KEY=VALUE, found 'limits'."),
        (("limits=1", "limits.budget=2"), "Expected KEY=VALUE, found 'limits.budget=2'."),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(ask: Ask, words: tuple[str, ...], said: str) -> None:
    """And nothing is created."""
    assert ask("tenant", "create", "Acme", *words, code=3)["error"]["message"].startswith(("argosy.toml", said[:12]))
    assert said in ask("tenant", "create", "Acme", *words, code=3)["error"]["message"]
    assert ask("tenant", "list")["tenants"] == []


def test_a_secret_stands_alone_on_standard_output(shop: Path, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    """So that a script can take it; all else goes to standard error, and no list holds it."""
    ask("tenant", "create", "Acme")
    assert main(["key", "create", "--in", str(shop)]) == 0
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("ak_live_")
    assert "\n" not in secret
    (key,) = ask("key", "list")["keys"]
    assert "account" not in key["scopes"]
    assert secret not in json.dumps(key)
    assert main(["key", "list", "--in", str(shop)]) == 0
    shown = capsys.readouterr().out
    assert key["id"] in shown
    assert secret not in shown


def test_keys_of_tenants_and_of_the_admin_side(ask: Ask) -> None:
    """With scopes, models, origins and an end, or with a role; rotated, and revoked for good."""
    tenant = ask("tenant", "create", "Acme")["id"]
    options = ("--scopes", "classify,embed", "--models", "mood", "--expires", "90d", "--origin", "https://a.example")
    key = ask("key", "create", "--tenant", tenant, *options)
    assert (key["scopes"], key["models"], key["origins"]) == (["classify", "embed"], ["mood"], ["https://a.example"])
    assert key["expires"] > key["created"]
    admin = ask("key", "create", "--role", "viewer")
    assert (admin["tenant"], admin["role"], admin["scopes"]) == ("admin", "viewer", [])
    assert admin["secret"].startswith("ak_admin_")
    rotated = ask("key", "rotate", key["id"], "--grace", "1h")
    assert rotated["id"] == key["id"]
    assert rotated["secret"] != key["secret"]
    assert ask("key", "revoke", key["id"])["revoked"]
    assert "revoked" in ask("key", "rotate", key["id"], code=4)["error"]["message"]
    assert len(ask("key", "list", "--tenant", tenant)["keys"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create",), 3, "There are 0 tenants"),
        (("create", "--tenant", "ten_x"), 5, "There is no tenant 'ten_x'."),
        (("create", "--role", "king"), 3, "'role'"),
        (("create", "--role", "owner", "--expires", "soon"), 3, "90d, 24h or 30m, found 'soon'"),
        (("create", "--role", "owner", "--scopes", "classify"), 1, "either a tenant"),
        (("rotate", "key_x"), 5, "There is no key 'key_x'."),
        (("revoke", "key_x"), 5, "There is no key 'key_x'."),
    ],
)
def test_wrong_words_for_keys_are_told(ask: Ask, words: tuple[str, ...], code: int, said: str) -> None:
    """With what was expected and what was found."""
    assert said in ask("key", *words, code=code)["error"]["message"]


def test_the_audit_log_is_listed_and_verified(ask: Ask) -> None:
    """A head that was noted still stands later; one of another log does not."""
    tenant = ask("tenant", "create", "Acme")["id"]
    noted = ask("audit", "verify")
    ask("tenant", "suspend", tenant)
    entries = ask("audit", "list", "--about", tenant)["entries"]
    assert [entry["action"] for entry in entries] == ["tenant.create", "tenant.suspend"]
    assert all(entry["actor"].startswith("cli:") for entry in entries)
    assert ask("audit", "verify", "--head", f"{noted['seq']}:{noted['hash']}")["seq"] == 2
    assert "was noted" in ask("audit", "verify", "--head", f"2:{noted['hash']}", code=4)["error"]["message"]
    assert "Expected a head" in ask("audit", "verify", "--head", "x", code=3)["error"]["message"]


def test_a_project_that_sells_nothing_says_so(shop: Path, ask: Ask) -> None:
    """With the line to add; and without a project there is none to sell."""
    (shop / "argosy.toml").write_text(PROJECT.partition("[sell]")[0], encoding="utf-8")
    assert "[sell]" in ask("tenant", "list", code=3)["error"]["message"]
    (shop / "argosy.toml").unlink()
    assert "no project file" in ask("key", "list", code=5)["error"]["message"]
