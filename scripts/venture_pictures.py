"""Draw the pictures of the venture's pages: slides, a page of the plan, the workbook, the market's page.

    python scripts/venture_pictures.py

It needs LibreOffice (`soffice`), which lays out slides and sheets, Chromium, which shows the market's page, and
pip install 'argosy[venture,pdf,multilingual]' pypdfium2 pillow playwright.
"""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SLIDES = (0, 3, 7, 8, 14, 17)  # the cover, the plan, profit, cash, owners, what is not certain
WIDE, COLUMNS, COLOURS = 560, 2, 128
PAGE, PAGE_WIDE = 2, 760
SHEET = 0  # of the workbook: the overview
MARKET, MARKET_HIGH = 860, 2_400


def main() -> int:
    """Write ``deck``, ``plan``, ``workbook`` and ``market``, each in English and Chinese."""
    for language in ("en", "zh"):
        with TemporaryDirectory() as place:
            folder = Path(place)
            argosy(language, "plan", "new", place)
            argosy(language, "deck", "--in", place, "--only", "pdf,pptx", "--out", place)
            argosy(language, "plan", "workbook", f"{place}/book.xlsx", "--in", place)
            for name in ("deck.pptx", "book.xlsx"):
                laid_out(folder / name)
            save(sheet(folder / "deck.pdf"), f"deck.{language}.png")
            save(drawn(pypdfium2.PdfDocument(folder / "plan.pdf")[PAGE], PAGE_WIDE), f"plan.{language}.png")
            save(drawn(pypdfium2.PdfDocument(folder / "book.pdf")[SHEET], PAGE_WIDE), f"workbook.{language}.png")
            argosy(language, "market", "new", place)
            argosy(language, "market", "--in", place)
            save(shown(folder / "venture" / "market.html"), f"market.{language}.png")
    return 0


def laid_out(path: Path) -> None:
    """A document as PDF beside it."""
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    office = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(path.parent)]
    subprocess.run([*office, str(path)], check=True, capture_output=True)


def shown(page: Path) -> Image.Image:
    """The beginning of a page, as a browser shows it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": MARKET, "height": MARKET_HIGH})
        view.goto(page.as_uri())
        found = Image.open(io.BytesIO(view.screenshot())).convert("RGB")
        browser.close()
    return found


def argosy(language: str, *words: str) -> None:
    """Run a command in a language."""
    command = [sys.executable, "-c", "import sys; from argosy.ui.cli import main; sys.exit(main())"]
    subprocess.run([*command, *words, "--lang", language], check=True, env=dict(os.environ))


def sheet(path: Path) -> Image.Image:
    """Some pages side by side, with a thin line between them."""
    pages = pypdfium2.PdfDocument(path)
    shown = [drawn(pages[number], WIDE) for number in SLIDES]
    wide, high = shown[0].width + 4, shown[0].height + 4
    whole = Image.new("RGB", (wide * COLUMNS, high * -(-len(shown) // COLUMNS)), "#C9D2DA")
    for number, one in enumerate(shown):
        whole.paste(one, (number % COLUMNS * wide + 2, number // COLUMNS * high + 2))
    return whole


def drawn(page: pypdfium2.PdfPage, wide: int) -> Image.Image:
    """A page, so many dots wide."""
    found: Image.Image = page.render(scale=wide / page.get_width()).to_pil()
    return found.convert("RGB")


def save(image: Image.Image, name: str) -> None:
    """Of few colours, so that it is small."""
    image.quantize(COLOURS).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
