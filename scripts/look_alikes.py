"""Write the table of Chinese characters that look alike: src/argosy/data/look_alikes.txt.

    python scripts/look_alikes.py FONT.ttc [FACE]

The 3,755 common characters of GB 2312's first level are drawn with a free font (Noto Sans CJK, face 2: simplified
Chinese), blurred a little, and compared as pictures: the correlation of their grey values. Each line of the table is a
character and, most alike first, up to FOUR others whose correlation is at least LEAST. No other source is used.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

TABLE = Path(__file__).parents[1] / "src" / "argosy" / "data" / "look_alikes.txt"
LEAST = 0.82
FOUR = 4
SIZE, EDGE, BLUR = 48, 56, 1.5  # pixels


def common() -> list[str]:
    """The characters of GB 2312, rows 16 to 55."""
    last = 0xD7F9
    codes = (row << 8 | cell for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return [code.to_bytes(2, "big").decode("gb2312") for code in codes if code <= last]


def picture(character: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    """The grey values, float32 [pixels], mean 0, length 1."""
    image = Image.new("L", (EDGE, EDGE), 0)
    ImageDraw.Draw(image).text((EDGE / 2, EDGE / 2), character, fill=255, font=font, anchor="mm")
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(BLUR)), dtype=np.float32).ravel()
    values = values - values.mean()
    return np.asarray(values / np.linalg.norm(values))


def main(font: Path, face: int) -> None:
    """Draw, compare, write."""
    characters = common()
    drawn = ImageFont.truetype(str(font), SIZE, index=face)
    pictures = np.stack([picture(character, drawn) for character in characters])
    alike = pictures @ pictures.T
    np.fill_diagonal(alike, 0)
    lines = []
    for number, character in enumerate(characters):
        nearest = [place for place in np.argsort(-alike[number])[:FOUR] if alike[number, place] >= LEAST]
        lines += [character + "".join(characters[place] for place in nearest)] if nearest else []
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(next(iter(sys.argv[2:]), 2)))
