"""Draw the pictures of ``docs/en/deck.md`` and ``docs/zh/deck.md``: slides and a page of the example venture.

    python scripts/deck_pictures.py

It needs LibreOffice (`soffice`), which lays out the slides, and pip install 'argosy[venture,pdf]' pypdfium2 pillow.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SLIDES = (0, 3, 7, 8, 14, 17)  # the cover, the plan, profit, cash, owners, what is not certain
WIDE, COLUMNS, COLOURS = 560, 2, 128
PAGE, PAGE_WIDE = 2, 760


def main() -> int:
    """Write ``deck.en.png``, ``plan.en.png`` and both in Chinese."""
    for language in ("en", "zh"):
        with TemporaryDirectory() as place:
            folder = Path(place)
            argosy(language, "plan", "new", place)
            argosy(language, "deck", "--in", place, "--only", "pdf,pptx", "--out", place)
            profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
            office = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", place]
            subprocess.run([*office, str(folder / "deck.pptx")], check=True, capture_output=True)
            save(sheet(folder / "deck.pdf"), f"deck.{language}.png")
            save(drawn(pypdfium2.PdfDocument(folder / "plan.pdf")[PAGE], PAGE_WIDE), f"plan.{language}.png")
    return 0


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
