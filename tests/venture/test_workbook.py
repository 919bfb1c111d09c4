"""The workbook: LibreOffice recalculates every cell to what the engine reckoned, to the cent."""

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from planned import EXAMPLE

from argosy.core.language import translator
from argosy.project.venturing.studying import study
from argosy.ui.cli import main
from argosy.venture.deck.workbook import MESSAGES, SECTIONS, write
from argosy.venture.graph.reckon import exact
from argosy.venture.plan.verdict import YEARLY, years

pytest.importorskip("xlsxwriter", reason="it writes the workbook")
fastexcel = pytest.importorskip("fastexcel", reason="it reads the workbook back")
OFFICE = shutil.which("soffice")
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculated(path: Path, folder: Path) -> Path:
    """The workbook opened, reckoned anew and saved by LibreOffice, with a profile of its own."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    subprocess.run(
        [
            *(str(OFFICE), "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
            *("--convert-to", "xlsx", "--outdir", str(folder / "out"), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    return folder / "out" / path.name


def cells(path: Path, sheet: str) -> list[list[object]]:
    """A sheet's rows of cells."""
    return [list(row) for row in fastexcel.read_excel(path).load_sheet(sheet, header_row=None).to_polars().rows()]


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_cell_is_what_the_engine_reckoned(language: str, tmp_path: Path) -> None:
    """To the cent, from cached values that are all wrong; undefined values are empty; the sheets speak the language."""
    studied = study(EXAMPLE)
    t = translator(language)
    wrong = {name: tuple(Decimal(12345) for _ in values) for name, values in studied.values.items()}
    path = tmp_path / "plan.xlsx"
    write(studied.model, wrong, studied.parts.worth, path, t)
    mended = recalculated(path, tmp_path)
    for section in SECTIONS:
        found = cells(mended, t(MESSAGES[section]))
        for number, row in enumerate(studied.model.section(section)):
            for told, value in zip(found[1 + number][2:], studied.values[row.name], strict=True):
                if value is None:
                    assert told in (None, ""), row.name
                else:
                    assert abs(Decimal(str(told)) - value) < Decimal("0.005"), row.name
    for number, name in enumerate(YEARLY):
        by_year = list(years(studied.model, studied.values, name).values())
        for told, value in zip(cells(mended, t(MESSAGES["years"]))[1 + number][1:], by_year, strict=False):
            assert value is not None
            assert abs(Decimal(str(told)) - value) < Decimal("0.005"), name
    for row, figure in zip(cells(mended, t(MESSAGES["figures"]))[1:], studied.model.figures.values(), strict=True):
        assert row[0] == figure.name
        assert float(str(row[3])) == pytest.approx(float(figure.base), rel=1e-6)  # told as shown, in nine places
    npv, irr, mirr = (row[1] for row in cells(mended, t(MESSAGES["worth"])))
    returns = studied.returns
    assert returns is not None
    assert abs(Decimal(str(npv)) - returns.npv) < Decimal("0.005")
    assert abs(Decimal(str(irr)) - (returns.irr.only or 0)) < Decimal("1e-6")
    assert abs(Decimal(str(mirr)) - (returns.mirr or 0)) < Decimal("1e-6")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_a_changed_figure_changes_the_plan(tmp_path: Path) -> None:
    """What somebody types into the figures is reckoned through, as the engine would."""
    studied = study(EXAMPLE)
    dearer = studied.model.with_figures({"desk.price": Decimal(500)})
    path = tmp_path / "plan.xlsx"
    write(dearer, studied.values, None, path)
    found = cells(recalculated(path, tmp_path), "Cash flow")
    names = [row.name for row in dearer.section("cash")]
    wanted = exact(dearer)["cash"]
    for told, value in zip(found[1 + names.index("cash")][2:], wanted, strict=True):
        assert value is not None
        assert abs(Decimal(str(told)) - value) < Decimal("0.005")


def test_values_stand_there_without_recalculation_and_no_name_is_a_formula(tmp_path: Path) -> None:
    """For viewers that do not reckon; a title that begins with = is a text."""
    folder = tmp_path / "v"
    assert main(["plan", "new", str(folder)]) == 0
    file = folder / "venture.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"Small web shops"', "'=cmd|calc'"), encoding="utf-8")
    out = tmp_path / "计划.xlsx"
    assert main(["plan", "workbook", str(out), "--in", str(folder)]) == 0
    assert main(["plan", "workbook", str(out), "--in", str(folder)]) == 3
    studied = study(folder)
    sheet = cells(out, "Customers")
    assert any(str(row[0]).startswith("=cmd|calc:") for row in sheet)
    last = sheet[1 + [row.name for row in studied.model.section("customers")].index("customers")][-1]
    assert abs(Decimal(str(last)) - (studied.values["customers"][-1] or 0)) < Decimal("0.005")
