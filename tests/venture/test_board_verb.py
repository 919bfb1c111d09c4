"""``argosy plan board``: the screen, the page, the JSON, the kept run; and what is told where little is there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgered import Town, filled, town

from argosy.config.file import load
from argosy.core.language import translator
from argosy.project.selling.offers import offer_plans
from argosy.project.venturing import actuals
from argosy.ui.cli import main
from argosy.ui.verbs.venturing.board_page import page

MONTHS = ["2027-01", "2027-02", "2027-03"]
ACTUAL = """
[actual]
project = "../shop"
plans = { desk = "pro", answers = ["metered"] }
cost = "@request_cost"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example venture, which tells of a shop beside it."""
    assert main(["plan", "new", str(tmp_path / "venture")]) == 0
    place = tmp_path / "venture/venture.toml"
    place.write_text(place.read_text(encoding="utf-8") + ACTUAL, encoding="utf-8")
    return tmp_path / "venture"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A shop whose clock is the board's."""
    with town(tmp_path / "shop", "2027-01-01") as made:
        board = actuals.board
        monkeypatch.setattr("argosy.ui.verbs.venturing.board.board", lambda folder: board(folder, lambda: made.now))
        yield made


def said(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the verb prints."""
    capsys.readouterr()
    assert main(["plan", "board", "--in", str(folder), *more]) == 0
    return capsys.readouterr().out


def test_a_board_of_three_months(folder: Path, shop: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """Every part has its place; what contradicts the plan has the line to write, and that line is read."""
    filled(shop, 1, MONTHS, 12)
    shop.go("2027-04-09")
    out = said(folder, capsys)
    for words in (
        "Harbour Desk · board · CNY    2027-04-09; 2027-04 is not over",
        "2027-04 *",
        "actual against plan, 2027-03",
        "MRR of what is sold",
        "Small web shops: customers who left",
        "contradicts  desk.uses: the plan says 6000",
        "write under [[subscription]] desk:  uses = { value = ",
        "in no line of the plan: free",
        "cohorts by the month of their first payment",
        "margin, 2027-01 – 2027-03",
        "cost of serving: request_cost (assumed: before the load of real customers is measured)",
    ):
        assert words in out
    told = json.loads(said(folder, capsys, "--json"))
    (uses,) = (one for one in told["figures"] if one["figure"] == "desk.uses")
    place = folder / "venture.toml"
    text = place.read_text(encoding="utf-8")
    before = next(line for line in text.splitlines() if line.startswith("uses = { value = 6000"))
    place.write_text(text.replace(before, uses["line"]), encoding="utf-8")
    again = json.loads(said(folder, capsys, "--json"))
    assert "desk.uses" not in {one["figure"] for one in again["figures"]}  # it is the ledger's own now
    own = uses["line"].partition("{ ")[0] + '{ unit = "requests/customer/month", measured = "ledger:desk.uses" }'
    place.write_text(text.replace(before, own), encoding="utf-8")
    assert main(["plan", "--in", str(folder), "--figures"]) == 0
    assert "ledger:desk.uses" in capsys.readouterr().out
    kept = json.loads((folder / "venture/ledger.json").read_text(encoding="utf-8"))
    assert kept["day"] == "2027-04-09"
    assert {"trial_to_paid", "shops.churn", "shops.converts", "desk.uses", "desk.arpa"} <= set(kept["measures"])


def test_customers_are_told_by_id_unless_names_are_wanted(folder: Path, shop: Town) -> None:
    """A page that goes to investors names nobody."""
    shop.tenant("Acme & Sons", "pro")
    shop.go("2027-02-03")
    assert "Acme" not in _page(folder, shop)
    place = folder / "venture.toml"
    place.write_text(place.read_text(encoding="utf-8") + "names = true\n", encoding="utf-8")
    assert "Acme &amp; Sons" in _page(folder, shop)


def test_the_page_is_one_file_in_either_language(folder: Path, shop: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """It loads nothing; charts and triangles are in it; each phrase goes through the translator."""
    filled(shop, 2, MONTHS, 12)
    shop.go("2027-04-09")
    out = folder / "pages/board.html"
    assert str(out) in said(folder, capsys, "--html", str(out))
    text = out.read_text(encoding="utf-8")
    assert text.count("<svg") > 10
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert 'src="' not in text
    found = actuals.board(folder, lambda: shop.now)
    asked: set[str] = set()

    def noted(phrase: str) -> str:
        asked.add(phrase)
        return translator("zh")(phrase)

    assert 'lang="zh-CN"' in page(found, noted, "zh")
    assert {"Actual against plan", "Margin by customer, the lowest first", "Cohorts"} <= asked


def test_little_is_told_and_breaks_nothing(folder: Path, shop: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """No tenant; one that did nothing; one that asked; one that pays; on the screen, as JSON and as a page."""
    shop.go("2027-01-05")

    def told() -> str:
        assert _page(folder, shop).count("<h1>") == 1
        json.loads(said(folder, capsys, "--json"))
        return said(folder, capsys)

    assert "There is no tenant yet" in told()
    tenant = shop.tenant("First")
    assert "against plan: no month of the plan is over yet" in told()
    shop.ask(tenant, 3)
    assert "cohorts: nobody has paid in a month that is over" in told()
    shop.change(tenant, "pro")
    shop.go("2027-03-02")
    assert "2027-01  1" in told()


def test_what_does_not_fit_is_told(folder: Path, shop: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that is not sold, a line that is not planned, a plan for two lines, periods that are no months."""
    shop.tenant("First", "pro")
    shop.go("2027-03-02")
    place = folder / "venture.toml"
    text = place.read_text(encoding="utf-8")
    for old, new, words in (
        ('desk = "pro"', 'desk = "gold"', "has no plan 'gold'"),
        ("desk =", "office =", "nothing that is called 'office'"),
        ('["metered"]', '["metered", "pro"]', "stands for both 'desk' and 'answers'"),
        ('"../shop"', '"../none"', "none"),
    ):
        place.write_text(text.replace(old, new), encoding="utf-8")
        capsys.readouterr()
        assert main(["plan", "board", "--in", str(folder)]) > 0
        assert words in capsys.readouterr().err
    place.write_text(text.replace("months = 48", 'months = 48\ncalendar = "4-4-5"', 1), encoding="utf-8")
    assert "the plan's periods are no months" in said(folder, capsys)


def test_money_of_another_currency_needs_its_rate(folder: Path, shop: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """It is turned into the plan's at the rate of [currencies]; without, nobody guesses."""
    file = shop.folder / "argosy.toml"
    sold = file.read_text(encoding="utf-8")
    abroad = '[plans.abroad]\ncurrency = "USD"\nmonthly = "10.00"\n\n[plans.metered]'
    file.write_text(sold.replace("[plans.metered]", abroad), encoding="utf-8")
    offer_plans(shop.database, load(shop.folder), clock=shop.clock)
    shop.tenant("Far", "abroad", "USD")
    shop.go("2027-02-02")
    told = json.loads(said(folder, capsys, "--json"))
    assert [one["charged"] for one in told["months"]] == ["71", "71"]
    place = folder / "venture.toml"
    place.write_text(place.read_text(encoding="utf-8").replace("USD = {", "EUR = {"), encoding="utf-8")
    assert main(["plan", "board", "--in", str(folder)]) > 0
    assert "Tenants pay in USD" in capsys.readouterr().err


def test_the_plans_cohorts_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By month, at some ages; as JSON all of them."""
    capsys.readouterr()
    assert main(["plan", "--cohorts", "--in", str(folder)]) == 0
    assert "2027-01  6.0   5.8" in capsys.readouterr().out
    assert main(["plan", "--cohorts", "--in", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["cohorts"]) == 48
    assert len(told["cohorts"][1]["mrr"]) == 47


def _page(folder: Path, shop: Town) -> str:
    return page(actuals.board(folder, lambda: shop.now), str, "en")
