"""A project that sells: its file, its first key, and where it may be served without keys."""

import stat
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from shops import shop_in
from starlette.testclient import TestClient

from argosy.config import file
from argosy.core.account import SCOPES
from argosy.core.errors import ProjectError
from argosy.infer.engines.echo import EchoEngine
from argosy.products.catalogue import PRODUCTS
from argosy.project.building.templates import Found, project_file
from argosy.project.selling.desk import month_left
from argosy.project.selling.parts import open_selling
from argosy.project.selling.serving import refuse_open
from argosy.project.selling.shop import Shop, currency_of, first_key, make_ready, open_store
from argosy.serve.settings import Settings
from argosy.store.tenants.accounts import SqlAccounts


def test_the_first_key_is_made_once(tmp_path: Path) -> None:
    """Where nobody buys yet there are a tenant and a key that may ask everything; the next start makes none."""
    shop = shop_in(tmp_path)
    issued = first_key(shop)
    assert issued is not None
    assert issued.key.scopes == frozenset(SCOPES)
    assert first_key(shop) is None
    with open_store(shop.sell, tmp_path) as database:
        (tenant,) = SqlAccounts(database).tenants()
    assert (tenant.id, tenant.name, tenant.plan, tenant.currency) == (issued.key.tenant, "shop", "standard", "CNY")
    with closing(open_selling(shop)) as selling, TestClient(selling.app({"mood": EchoEngine()}, Settings())) as client:
        head = {"authorization": f"Bearer {issued.secret}"}
        assert client.post("/v1/classify", json={"input": "good"}, headers=head).status_code == 200


def test_the_books_are_opened_in_silence(tmp_path: Path) -> None:
    """A server that logs at the level INFO says nothing of what opening its database loads."""
    program = "import logging, sys; from pathlib import Path; from argosy.config.schema import Sell\n"
    program += "from argosy.project.selling.shop import open_store\n"
    program += "logging.basicConfig(level=logging.INFO)\n"
    program += "with open_store(Sell(plan='standard'), Path(sys.argv[1])): pass\n"
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(("template", "unit"), [("classify", "texts"), ("generate", "tokens")])
def test_a_new_project_sells(tmp_path: Path, template: str, unit: str) -> None:
    """What `argosy init` writes has a plan with prices for what the template's model gives."""
    found = Found(text="text", label="label", languages=("zh", "en"))
    text = project_file(tmp_path, tmp_path / "rows.csv", found, PRODUCTS[template], base=None, size="small")
    shop = Shop(project=file.parse(tomllib.loads(text)), folder=tmp_path)
    assert first_key(shop) is not None
    with closing(open_selling(shop)) as selling:
        (tenant,) = selling.books.accounts.tenants()
        account = selling.books.directory.account(tenant.id)
        assert account is not None
        standing = selling.books.standings.standing(account)
    assert (standing.amount, currency_of(shop)) == (0, "CNY")
    assert shop.project.plans["standard"].prices[0].unit == unit


def test_a_plan_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    """Tenants must have prices from the first request on."""
    shop = shop_in(tmp_path)
    plans = shop.project.model_copy(update={"plans": {"gold": shop.project.plans["standard"]}})
    with pytest.raises(ProjectError, match="gold"):
        make_ready(Shop(project=plans, folder=tmp_path))


def test_a_shop_is_the_same_in_another_process(tmp_path: Path) -> None:
    """What a worker reads is the whole project file, no key more; it, and the store, are the owner's alone."""
    shop = shop_in(tmp_path)
    shop.keep(tmp_path / "shop.json")
    again = Shop.kept(tmp_path / "shop.json")
    assert (again, again.project.model_fields_set) == (shop, shop.project.model_fields_set)
    with open_store(shop.sell, tmp_path):
        kept = [tmp_path / "shop.json", *(tmp_path / ".argosy").glob("store.db*[!k]")]
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_may_ask_without_keys(host: str) -> None:
    """On the loopback a service may be open."""
    refuse_open(host)


@pytest.mark.parametrize("host", ["::", "192.168.1.7", "example.org"])
def test_others_may_not(host: str) -> None:
    """Beyond this machine it must have keys, or be called open by a word of its own."""
    with pytest.raises(ProjectError, match="--open"):
        refuse_open(host)


def test_a_month_ends_by_its_own_clock() -> None:
    """The seconds left count the hour that a clock skips or repeats."""
    utc, berlin = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
    assert month_left(datetime(2026, 11, 30, 23, 59, 30, tzinfo=utc)) == 30
    assert month_left(datetime(2026, 12, 31, tzinfo=utc)) == 86_400
    assert month_left(datetime(2026, 3, 29, tzinfo=berlin)) == 3 * 86_400 - 3600
    assert month_left(datetime(2026, 10, 25, tzinfo=berlin)) == 7 * 86_400 + 3600
