"""Plans that are hard: each is told on one screen and as JSON, or refused with the place and what to do."""

import json
from pathlib import Path

import pytest

from argosy.ui.cli import main


def sourced(value: str, text: str) -> str:
    """A figure as a file writes it."""
    return f'{{ value = {value}, unit = "{text}", sourced = "a contract", date = 2026-11-01 }}'


HEAD = '[venture]\nname = "Hard"\nstart = "2027-01"\nmonths = 24\n'
WORTH = f"[worth]\ndiscount = {sourced('20', 'percent/year')}\nmargin = {sourced('70', 'percent')}\n"
SHOPS = f"""
[[segment]]
name = "shops"
new = {sourced("2", "customers/month")}
churn = {sourced("2", "percent/month")}

[[subscription]]
name = "desk"
segment = "shops"
price = {sourced("100", "CNY/customer/month")}
uses = {sourced("1000", "requests/customer/month")}
cost = {sourced("20", "CNY/1k requests")}
"""
ROUND = f"""
[equity]
formed = "2026-06"
pool = 1000

[[equity.founder]]
name = "lin"
shares = 9000

[[equity.safe]]
name = "angel"
on = "2027-02"
amount = {sourced("200000", "CNY")}
cap = {sourced("2000000", "CNY")}

[[equity.round]]
name = "seed"
on = "2027-06"
pre_money = {sourced("4000000", "CNY")}
pool = {sourced("10", "percent")}
investors.fund = {sourced("1000000", "CNY")}
"""


def once(name: str, amount: str, on: str) -> str:
    """A payment."""
    return f'\n[[once]]\nname = "{name}"\nfunction = "run"\non = "{on}"\namount = {sourced(amount, "CNY")}\n'


def told(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, object], str]:
    """The exit code, the JSON, and what is said on the screen."""
    (folder / "venture.toml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    verb = words or ("plan",)
    code = main([*verb, "--in", str(folder), "--json"])
    out = capsys.readouterr()
    assert main([*verb, "--in", str(folder)]) == code
    screen = capsys.readouterr()
    assert "Traceback" not in screen.err + out.err
    return code, json.loads(out.out) if code == 0 else {}, screen.out + screen.err


def test_no_churn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A customer who never leaves is worth no stated sum."""
    text = HEAD + WORTH + SHOPS.replace(sourced("2", "percent/month"), sourced("0", "percent/month"))
    code, found, _ = told(tmp_path, text, capsys)
    assert code == 0
    assert set(found["lines"]["ltv"]["values"]) == {None}  # type: ignore[index]  # the JSON of a plan


def test_negative_margin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each sale loses: the floor lies above the price, and break-even is not in the plan."""
    text = HEAD + WORTH + SHOPS.replace(sourced("20", "CNY/1k requests"), sourced("300", "CNY/1k requests"))
    code, found, screen = told(tmp_path, text, capsys)
    assert (code, found["break_even"]) == (0, None)
    floor = found["floors"][0]  # type: ignore[index]  # the JSON of a plan
    assert float(floor["serving"]) == pytest.approx(1000)
    assert "break-even not in this plan" in screen


def test_no_customers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is earned, and nothing divides by it."""
    code, found, screen = told(tmp_path, HEAD + WORTH + once("rent", "100", "2027-02"), capsys)
    assert (code, found["floors"]) == (0, [])
    assert "IRR: there is none" in screen


def test_several_rates_of_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Money comes, goes and comes: both rates are told, and that they decide nothing."""
    grant = f"""
[[work]]
name = "job"
price = {sourced("1000", "CNY/project")}
won = {sourced("1", "projects/month")}
cost = {sourced("0", "CNY/project")}
months = 1
"""
    text = HEAD.replace("24", "3") + WORTH + grant + once("start", "1250", "2027-01") + once("end", "3000", "2027-03")
    text = text.replace(sourced("1250", "CNY"), sourced("1500", "CNY"))
    code, found, screen = told(tmp_path, text, capsys)
    assert code == 0
    flows = [float(one) for one in found["lines"]["free_cash_flow"]["values"]]  # type: ignore[index]  # the JSON of a plan
    assert flows == [-500, 1000, -2000]
    assert "IRR: there is none" in screen
    code, found, screen = told(tmp_path, text.replace(sourced("3000", "CNY"), sourced("1480", "CNY")), capsys)
    assert len(found["returns"]["irr"]) == 2  # type: ignore[index]  # the JSON of a plan
    assert "it decides nothing here" in screen


def test_a_rate_of_minus_hundred_percent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing can be discounted by it."""
    text = HEAD + WORTH.replace(sourced("20", "percent/year"), sourced("-100", "percent/year")) + SHOPS
    code, _, screen = told(tmp_path, text, capsys)
    assert code == 3
    assert "100 %" in screen


@pytest.mark.parametrize(("start", "calendar", "weeks"), [("2028-02", "months", 29 / 7), ("2026-12-28", "4-4-5", 6)])
def test_leap_and_53_week_years(
    start: str, calendar: str, weeks: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A February of 29 days, and a last period of 5 weeks and the 53rd; the books balance."""
    text = HEAD.replace('"2027-01"', f'"{start}"') + f'calendar = "{calendar}"\n' + WORTH + SHOPS
    text = text.replace('"2026-12-28"', "2026-12-28")
    code, found, _ = told(tmp_path, text, capsys)
    assert code == 0
    lines = found["lines"]
    assert float(lines["hours"]["values"][0]) == pytest.approx(weeks * 168)  # type: ignore[index]  # the JSON of a plan
    assert set(map(float, lines["balance_check"]["values"])) == {0.0}  # type: ignore[index]  # the JSON of a plan


def test_another_currency(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused without a rate, converted with one."""
    text = HEAD + WORTH + SHOPS.replace(sourced("100", "CNY/customer/month"), sourced("20", "USD/customer/month"))
    code, _, screen = told(tmp_path, text, capsys)
    assert code == 3
    assert "[currencies]" in screen
    code, found, _ = told(tmp_path, text + f"\n[currencies]\nUSD = {sourced('7', 'CNY/USD')}\n", capsys)
    assert (code, float(found["lines"]["desk.revenue"]["values"][0])) == (0, 280)  # type: ignore[index]  # JSON


def test_cash_that_is_gone_from_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The runway is 0 months, not below; what is needed is told."""
    text = HEAD + WORTH + SHOPS + once("debt", "90000", "2027-01") + once("more", "90000", "2027-03")
    code, found, screen = told(tmp_path, text, capsys)
    assert (code, found["out_of_cash"]) == (0, "2027-01")
    assert all(one is None or float(one) >= 0 for one in found["lines"]["runway"]["values"])  # type: ignore[index]  # JSON
    assert "more are needed" in screen


@pytest.mark.parametrize("unit", ["CNY/wizard", "CNY per month", "percent"])
def test_an_unknown_or_a_wrong_unit(unit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with its place."""
    code, _, screen = told(tmp_path, HEAD + SHOPS.replace("CNY/customer/month", unit), capsys)
    assert code == 3
    assert "subscription" in screen
    assert "price" in screen


def test_a_cap_above_the_rounds_valuation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The round's price is better for the SAFE, and it takes that."""
    text = HEAD + ROUND.replace(sourced("2000000", "CNY"), sourced("90000000", "CNY"))
    (tmp_path / "venture.toml").write_text(text, encoding="utf-8")
    assert main(["captable", "show", str(tmp_path), "--json"]) == 0
    seed = json.loads(capsys.readouterr().out)["stages"][-1]
    assert seed["conversions"][0]["price"] == pytest.approx(seed["price"])


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (sourced("2000000", "CNY"), sourced("150000", "CNY"), "nothing is left"),
        (sourced("10", "percent"), sourced("95", "percent"), "no price"),
        (sourced("4000000", "CNY"), sourced("0", "CNY"), "needs a valuation"),
    ],
)
def test_equity_that_cannot_be(
    was: str, becomes: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SAFEs above all shares, a pool that leaves no price, a valuation of nothing."""
    (tmp_path / "venture.toml").write_text(HEAD + ROUND.replace(was, becomes), encoding="utf-8")
    assert main(["captable", "show", str(tmp_path)]) == 3
    assert said in capsys.readouterr().err


def test_a_pool_that_hangs_on_the_price_it_sets_is_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Price, pool and SAFE depend on each other: all three hold at once."""
    (tmp_path / "venture.toml").write_text(HEAD + ROUND, encoding="utf-8")
    assert main(["captable", "show", str(tmp_path), "--json"]) == 0
    seed = json.loads(capsys.readouterr().out)["stages"][-1]
    assert seed["parts"][""] == pytest.approx(0.1)
    assert seed["parts"]["fund"] == pytest.approx(0.2)
    assert seed["parts"]["angel"] == pytest.approx(0.1 * (1 - 0.2 - 0.1) / 0.9, abs=0.02)
    assert sum(seed["parts"].values()) == pytest.approx(1)
