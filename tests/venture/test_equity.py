"""A venture's shares over time: the table of its file, and the stages that it comes to."""

import json
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from argosy.config.file import checked
from argosy.config.venture.equity import Equity
from argosy.core.errors import ArgosyError, ProjectError
from argosy.ui.cli import main
from argosy.venture.financing.equity import Stage, history
from argosy.venture.financing.ownership import exits, ownership

TABLE = """
formed = "2027-01"
pool = 1000000
sold = "2032-06"

[[founder]]
name = "lin"
shares = 5000000
vesting = { cliff = 12, double = 1.0 }

[[founder]]
name = "wei"
shares = 4000000
vesting = { months = 48 }
leaves = "2029-01"

[[safe]]
name = "angel"
on = "2027-06"
amount = { value = 1000000, unit = "CNY", sourced = "the contract", date = 2027-06-01 }
cap = { value = 10000000, unit = "CNY", sourced = "the contract", date = 2027-06-01 }

[[note]]
name = "bridge"
holder = "angel"
on = "2028-01"
amount = { value = 500000, unit = "CNY", sourced = "the contract", date = 2028-01-01 }
discount = { value = 20, unit = "percent", sourced = "the contract", date = 2028-01-01 }
rate = { value = 5, unit = "percent/year", sourced = "the contract", date = 2028-01-01 }

[[round]]
name = "series_a"
on = "2029-01"
pre_money = { value = 40000000, unit = "CNY", assumed = [30000000, 50000000], why = "like its neighbours" }
investors.fund = { value = 10000000, unit = "CNY", assumed = [5000000, 12000000], why = "18 months of cost" }
pool = { value = 10, unit = "percent", assumed = [5, 15], why = "funds ask for it" }
protection = "broad"

[[round]]
name = "series_b"
on = "2030-06"
pre_money = { value = 20000000, unit = "CNY", assumed = [10000000, 90000000], why = "a bad year" }
investors.next = { value = 10000000, unit = "CNY", assumed = [5000000, 12000000], why = "18 months of cost" }
follows = ["fund"]
participation = "capped"
cap = 3
"""


def table(text: str = TABLE) -> Equity:
    """The table, read."""
    return checked(Equity, tomllib.loads(text), "venture.toml")


def stages(text: str = TABLE) -> dict[str, Stage]:
    """The stages by their names."""
    return {one.name: one for one in history(table(text).equity("ABC", "CNY"))}


def test_every_stage_adds_up() -> None:
    """In their order; SAFEs and notes first, and who leaves."""
    found = stages()
    assert list(found) == ["founding", "angel", "bridge", "series_a", "wei", "series_b", "exit"]
    assert all(sum(one.parts.values()) == 1 for one in found.values())
    assert found["founding"].parts == {"lin": Fraction(1, 2), "wei": Fraction(2, 5), "": Fraction(1, 10)}
    assert found["angel"].parts["angel"] == Fraction(1, 10)
    assert found["series_a"].parts["fund"] == Fraction(1, 5)
    assert found["series_a"].parts[""] == Fraction(1, 10)


def test_founders_are_diluted_round_by_round() -> None:
    """By SAFEs and rounds; what another founder leaves behind is gained by all."""
    lin = [one.parts["lin"] for one in stages().values()]
    assert lin[0] == Fraction(1, 2)
    assert lin[1] == Fraction(45, 100)
    assert lin[1] == lin[2] > lin[3] < lin[4] > lin[5] == lin[6]


def test_a_note_converts_at_its_discount_with_interest() -> None:
    """5 % a year over 366 days, exactly."""
    closed = stages()["series_a"].closed
    assert closed is not None
    note = next(one for one in closed.conversions if one.id == "bridge")
    assert note.holder == "angel"
    assert note.price == closed.price * Fraction(4, 5)
    assert note.shares * note.price == 500_000 * (1 + Fraction(5, 100) * Fraction(366, 365))


def test_vesting_and_leaving() -> None:
    """Two of four years; the rest falls back; at the exit the other has all."""
    found = stages()
    assert found["series_a"].vested == {"lin": 2_500_000, "wei": 2_000_000}
    assert found["exit"].vested == {"lin": 5_000_000, "wei": 2_000_000}
    assert [one.shares for one in ownership(found["wei"].register) if one.holder == "wei"] == [2_000_000]


def test_protection_holds_in_later_rounds() -> None:
    """The first round's classes convert into more after the cheaper one, the converted SAFE's where it paid more."""
    closed = stages()["series_b"].closed
    assert closed is not None
    first = stages()["series_a"].closed
    assert first is not None
    dearer = {one.id for one in first.register.classes if one.preferred and (one.price or 0) > closed.price}
    assert set(closed.adjusted) == dearer
    assert closed.adjusted["series_a"] > 1
    assert not stages(TABLE.replace('protection = "broad"', ""))["series_b"].closed.adjusted  # type: ignore[union-attr]  # a round


def test_the_last_register_goes_through_the_waterfall() -> None:
    """What is paid adds up, and the last round's preference comes first."""
    register = stages()["exit"].register
    poor, rich = (
        next(one for one in exits(register, [Fraction(value)]) if one.value == value) for value in (10**7, 10**9)
    )
    assert sum(poor.payouts.values()) == 10**7
    assert poor.payouts["lin"] == 0
    assert sum(rich.payouts.values()) == 10**9
    assert "series_b" in rich.converted


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("cap = 3", "", "capped"),
        ("cliff = 12", "cliff = 60", "cliff"),
        ("shares = 5000000", "shares = 0", "above 0"),
        (
            'follows = ["fund"]',
            'growth = 5\npool = { value = 10, unit = "percent", assumed = [5, 15], why = "-" }',
            "pool",
        ),
    ],
)
def test_tables_that_cannot_be(was: str, becomes: str, said: str) -> None:
    """Said with the place."""
    with pytest.raises(ArgosyError, match=said):
        table(TABLE.replace(was, becomes))


def test_amounts_in_another_currency_are_refused() -> None:
    """A cap table has one."""
    with pytest.raises(ProjectError, match="expected CNY"):
        stages(TABLE.replace('value = 1000000, unit = "CNY"', 'value = 1000000, unit = "USD"'))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example venture."""
    assert main(["plan", "new", str(tmp_path)]) == 0
    return tmp_path


def test_the_screen_tells_ownership_round_by_round(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Founders diluted, what converts at which price, and an exit of the last table."""
    capsys.readouterr()
    assert main(["captable", "show", str(folder), "--exit", "30000000"]) == 0
    told = capsys.readouterr().out
    for words in ("seed 2028-01", "angel converts into 869,565 shares at 0.9200", "exit at 30,000,000"):
        assert words in told
    assert main(["captable", "show", str(folder / "venture.toml"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["stages"]] == ["founding", "angel", "seed"]
    assert sum(found["stages"][-1]["parts"].values()) == pytest.approx(1)


def test_rounds_are_written_as_a_package_and_read_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same holdings."""
    assert main(["captable", "write", str(folder), str(folder / "table.zip")]) == 0
    capsys.readouterr()
    parts = []
    for place in (folder, folder / "table.zip"):
        assert main(["captable", "show", str(place), "--json"]) == 0
        parts.append({one["holder"]: one["share"] for one in json.loads(capsys.readouterr().out)["holdings"]})
    assert parts[0] == pytest.approx(parts[1])


def test_a_venture_without_owners_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And where to name them."""
    (tmp_path / "venture.toml").write_text('[venture]\nname = "x"\nstart = "2027-01"\n', encoding="utf-8")
    assert main(["captable", "show", str(tmp_path)]) == 3
    assert "[equity]" in capsys.readouterr().err
