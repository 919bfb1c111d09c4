"""``argosy deck``: its files, what it refuses, what it leaves alone; and the pages as LibreOffice shows them."""

import json
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import decks
import pytest
from planned import EXAMPLE

from argosy.core.language import translator
from argosy.project.venturing.presenting import FORMS, RECORD
from argosy.project.venturing.studying import study
from argosy.project.venturing.telling import story
from argosy.ui.cli import main
from argosy.venture.deck import document, slides

for needed in ("docx", "pptx", "matplotlib", "SALib", "xlsxwriter"):
    pytest.importorskip(needed, reason="it writes one of the forms")
OFFICE = shutil.which("soffice")
SAMPLE = Path(__file__).parent / "acme-holdings"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plan that is quickly drawn: nothing is discounted."""
    return decks.small(tmp_path / "probe", decks.OFFER)


def deck(folder: Path, *more: str) -> int:
    """The verb's exit code."""
    return main(["deck", "--in", str(folder), *more])


def test_all_four_forms_are_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into the venture's own folder, each as what its name says, with nothing left aside; the JSON names them."""
    pytest.importorskip("weasyprint", reason="it makes the PDF")
    pytest.importorskip("pypdfium2", reason="it reads the PDF")
    assert deck(folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    out = folder / "venture" / "deck"
    names = ["plan.docx", "plan.pdf", "deck.pptx", "plan.xlsx"]
    assert told == {"written": [str(out / name) for name in names]}
    assert {one.name for one in out.iterdir()} == {*names, RECORD}
    assert "店铺" in decks.document_text(out / "plan.docx")
    assert "店铺" in decks.slide_text(out / "deck.pptx")
    assert "Business plan" in decks.paper_text(out / "plan.pdf")
    assert (out / "plan.xlsx").read_bytes().startswith(b"PK")


def test_both_languages_are_named_by_theirs(folder: Path) -> None:
    """And the cap table is told where it is given."""
    out = folder / "elsewhere"
    more = ("--out", str(out), "--only", "pptx,docx", "--language", "both", "--captable", str(SAMPLE))
    assert deck(folder, *more) == 0
    assert {one.name for one in out.iterdir()} == {
        *("plan.en.docx", "plan.zh.docx", "deck.en.pptx", "deck.zh.pptx"),
        RECORD,
    }
    assert "Fiona Felicity Founder" in decks.slide_text(out / "deck.zh.pptx")
    assert "Balance sheet" in decks.document_text(out / "plan.en.docx")
    assert "资产负债表" in decks.document_text(out / "plan.zh.docx")


def test_own_files_are_written_anew_and_edited_ones_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that someone edited, or that was there before, is overwritten only by force; no other is touched."""
    out = folder / "venture" / "deck"
    assert deck(folder, "--only", "docx,pptx") == 0
    assert deck(folder, "--only", "pptx") == 0
    before = (out / "deck.pptx").read_bytes()
    (out / "plan.docx").write_bytes(b"edited by hand")
    capsys.readouterr()
    assert deck(folder, "--only", "docx,pptx") == 3
    assert "plan.docx" in capsys.readouterr().err
    assert (out / "plan.docx").read_bytes() == b"edited by hand"
    assert (out / "deck.pptx").read_bytes() == before
    assert deck(folder, "--only", "docx", "--force") == 0
    assert "店铺" in decks.document_text(out / "plan.docx")
    assert set(json.loads((out / RECORD).read_text())) == {"plan.docx", "deck.pptx"}


@pytest.mark.parametrize("record", [b"", b"[]", b"\xff\xfe", b'{"plan.xlsx": 7}'])
def test_without_its_record_no_file_is_its_own(folder: Path, record: bytes) -> None:
    """A damaged record forgets them; nothing is overwritten."""
    out = folder / "venture" / "deck"
    assert deck(folder, "--only", "xlsx") == 0
    before = (out / "plan.xlsx").read_bytes()
    (out / RECORD).write_bytes(record)
    assert deck(folder, "--only", "xlsx") == 3
    assert (out / "plan.xlsx").read_bytes() == before


def test_a_file_in_the_way_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the folder to write to is one."""
    (folder / "taken").write_text("mine")
    assert deck(folder, "--only", "xlsx", "--out", str(folder / "taken")) not in {0, 130}
    assert "Traceback" not in capsys.readouterr().err
    assert (folder / "taken").read_text() == "mine"


@pytest.mark.parametrize("only", ["odt", "docx,png", ","])
def test_unknown_forms_are_refused(folder: Path, only: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that are known."""
    assert deck(folder, "--only", only) == 3
    assert ", ".join(FORMS) in capsys.readouterr().err
    assert not (folder / "venture").exists()


def test_a_missing_package_is_told_before_anything_is_drawn(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name under which it is installed; forms that do not need it are written."""
    monkeypatch.setitem(sys.modules, "pptx", None)
    assert deck(folder) == 5
    said = capsys.readouterr().err
    assert "python-pptx" in said
    assert "drawing" not in said
    assert deck(folder, "--only", "xlsx") == 0


def test_an_interrupt_leaves_nothing_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a new folder nor over files that are there."""
    out = folder / "venture" / "deck"

    def interrupted(_story: object, path: Path, *_more: object) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(slides, "write", interrupted)
        assert deck(folder, "--only", "docx,pptx") == 130
        assert list(out.iterdir()) == []
    assert deck(folder, "--only", "docx,pptx") == 0
    before = {one.name: one.read_bytes() for one in out.iterdir()}
    monkeypatch.setattr(slides, "write", interrupted)
    assert deck(folder, "--only", "docx,pptx") == 130
    assert {one.name: one.read_bytes() for one in out.iterdir()} == before


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_whole_in_libreoffice(language: str, tmp_path: Path) -> None:
    """Each slide is one page, no letter lies outside its page, no two lines lie on each other.

    Slow: LibreOffice lays out a document and two dozen slides.
    """
    pdfium = pytest.importorskip("pypdfium2", reason="it reads the PDF")
    told = story(study(EXAMPLE))
    document.write(told, tmp_path / "plan.docx", translator(language), language)
    slides.write(told, tmp_path / "deck.pptx", translator(language), language)
    files = [str(tmp_path / name) for name in ("plan.docx", "deck.pptx")]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(OFFICE), "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    import pptx

    assert len(pdfium.PdfDocument(tmp_path / "deck.pdf")) == len(pptx.Presentation(files[1]).slides)
    for name in ("plan.pdf", "deck.pdf"):
        for page in pdfium.PdfDocument(tmp_path / name):
            wide, high = page.get_size()
            boxes = lines(page.get_textpage())
            for left, bottom, right, top in boxes:
                assert left >= 0
                assert bottom >= 0
                assert right <= wide
                assert top <= high
            assert [pair for pair in combinations(boxes, 2) if covered(*pair) > 0.4] == []


Box = tuple[float, float, float, float]


def lines(text: object) -> list[Box]:
    """The boxes of the lines of a page's text; turned ones, such as an axis's names, are left out."""
    count = text.count_rects()  # type: ignore[attr-defined]
    found = [text.get_rect(number) for number in range(count)]  # type: ignore[attr-defined]
    return [one for one in found if one[2] - one[0] > one[3] - one[1]]


def covered(one: Box, other: Box) -> float:
    """The part of the smaller box that the other one covers."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((each[2] - each[0]) * (each[3] - each[1]) for each in (one, other))
    return wide * high / smaller if wide > 0 and high > 0 and smaller else 0.0
